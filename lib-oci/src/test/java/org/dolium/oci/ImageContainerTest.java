// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.dolium.container.Container;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.HealthCheck;
import org.dolium.container.Result;
import org.dolium.container.Signal;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// What an image says about how it is run is seen in its containers, for every user.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class ImageContainerTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    Path directory;

    private Path root;

    @BeforeEach
    void make() throws IOException {
        root = TinyRoot.make(Files.createDirectory(directory.resolve("root")));
    }

    private ContainerBuilder container(String run) throws Exception {
        return Configs.container(run, root);
    }

    private static String output(ContainerBuilder builder) throws Exception {
        Result result = builder.run(LIMIT);
        return result.stdout() + result.stderr();
    }

    @Test
    void the_entry_point_comes_before_the_command() throws Exception {
        String run = "'Entrypoint':['echo','a'],'Cmd':['b','c d']";
        assertThat(output(container(run))).isEqualTo("a b c d\n");
        assertThat(output(container(run).command("x"))).isEqualTo("a x\n");
        assertThat(output(container(run).entrypoint("echo", "other"))).isEqualTo("other\n");
        assertThat(output(container(run).entrypoint("echo").command("both"))).isEqualTo("both\n");
        assertThat(output(container(run).entrypoint().command("echo", "none"))).isEqualTo("none\n");
        assertThat(output(container("'Cmd':['echo','only']"))).isEqualTo("only\n");
        assertThat(output(container("'Entrypoint':['echo','only']"))).isEqualTo("only\n");
        assertThatThrownBy(() -> container("").build()).hasMessageContaining("no command was given");
    }

    @Test
    void the_environment_is_the_images_with_what_is_set_besides() throws Exception {
        String run = "'Env':['A=1','B=2=3','EMPTY=','HOME=/elsewhere'],'Cmd':['env']";
        assertThat(output(container(run).env("A", "9"))).isEqualTo(
                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nHOME=/elsewhere\nHOSTNAME=dolium\nA=9\nB=2=3\nEMPTY=\n");
        assertThat(output(container("'Env':['PATH=/bin'],'Cmd':['env']"))).isEqualTo("PATH=/bin\nHOME=/root\nHOSTNAME=dolium\n");
    }

    @Test
    void the_user_is_one_of_the_image() throws Exception {
        String id = "'Cmd':['sh','-c','id -u; id -g; echo $HOME']";
        assertThat(output(container(id))).isEqualTo("0\n0\n/root\n");
        assertThat(output(container("'User':'alice'," + id))).isEqualTo("1000\n1000\n/home/alice\n");
        assertThat(output(container("'User':'1000'," + id))).isEqualTo("1000\n1000\n/home/alice\n");
        assertThat(output(container("'User':'alice:staff'," + id))).isEqualTo("1000\n50\n/home/alice\n");
        assertThat(output(container("'User':'7:8'," + id))).isEqualTo("7\n8\n/\n");
        assertThat(output(container("'User':'alice'," + id).user("0"))).isEqualTo("0\n0\n/root\n");
        assertThatThrownBy(() -> container("'User':'nobody'," + id).build()).hasMessageContaining("unknown user 'nobody'");
    }

    @Test
    void users_are_found_in_whichever_layer_has_them() throws Exception {
        Path upper = Files.createDirectories(directory.resolve("upper"));
        Files.createDirectory(upper.resolve("etc"));
        Files.writeString(upper.resolve("etc/passwd"), "bob:x:1234:5678::/b:/bin/sh\n");
        assertThat(output(Configs.container("'User':'bob','Cmd':['sh','-c','id -u; id -g; cat /etc/group | head -n 1']", upper, root)))
                .isEqualTo("1234\n5678\nroot:x:0:\n");
    }

    @Test
    void the_working_directory_is_there_for_the_user() throws Exception {
        assertThat(output(container("'WorkingDir':'/srv//./app/../x/','User':'alice','Cmd':['sh','-c','pwd; stat -c %u .']")))
                .isEqualTo("/srv/x\n1000\n");
        assertThat(output(container("'WorkingDir':'/tmp','Cmd':['pwd']"))).isEqualTo("/tmp\n");
        assertThat(output(container("'WorkingDir':'/tmp','Cmd':['pwd']").workingDirectory("/new"))).isEqualTo("/new\n");
        assertThat(root.resolve("new")).doesNotExist();
    }

    @Test
    void volumes_are_writable_and_end_with_the_container() throws Exception {
        Files.writeString(root.resolve("mnt/file"), "of the image\n");
        ContainerBuilder builder = container("'Volumes':{'/mnt':{},'/data/':{}},'Cmd':['sh','-c','cat /mnt/file; rm /mnt/file; ls /data']");
        assertThat(output(builder)).isEqualTo("of the image\n");
        assertThat(output(builder)).isEqualTo("of the image\n");
    }

    @Test
    void what_is_said_for_others_is_seen_on_the_container() throws Exception {
        ContainerBuilder builder = container("'Cmd':['sleep','60'],'StopSignal':'SIGRTMIN+3','Labels':{'a':'b','c':''},"
                + "'ExposedPorts':{'80/tcp':{},'53/udp':{},'90':{}},'Shell':['/bin/ash','-ec'],"
                + "'Healthcheck':{'Test':['CMD-SHELL','wget x || exit 1'],'Interval':5000000000,'Retries':7}");
        try (Container container = builder.start()) {
            assertThat(container.stopSignal()).isEqualTo(new Signal(37));
            assertThat(container.labels()).hasSize(2).containsEntry("a", "b").containsEntry("c", "");
            assertThat(container.exposedPorts()).containsExactly("80/tcp", "53/udp", "90/tcp");
            assertThat(container.healthCheck()).contains(new HealthCheck(
                    List.of("/bin/ash", "-ec", "wget x || exit 1"), Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ZERO,
                    Duration.ofSeconds(5), 7));
        }
        for (String none : List.of("['NONE']", "[]", "['CMD']", "['CMD-SHELL','a','b']", "['OTHER','x']")) {
            try (Container container = container("'Cmd':['sleep','60'],'Healthcheck':{'Test':" + none + "}").start()) {
                assertThat(container.healthCheck()).as(none).isEmpty();
            }
        }
    }
}
