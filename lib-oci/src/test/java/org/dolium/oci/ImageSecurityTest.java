// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.Result;
import org.dolium.container.Rootfs;
import org.dolium.oci.image.Platform;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Rows I of the security matrix: the configuration of an image is hostile input.
@Tag("kernel")
@Timeout(60)
@ExtendWith(LeakCheck.class)
class ImageSecurityTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String[] CONTROLS = {
        "io.containerd.runc.v2.task", "containerd.io/restart.status", "containerd.io/restart.loguri", "io.podman.annotations.privileged",
        "io.podman.annotations.userns", "io.podman.annotations.seccomp", "io.containers.capabilities", "run.oci.hooks.stderr",
        "run.oci.handler", "run.oci.keep_original_groups", "run.oci.seccomp_fail_unknown_syscall", "cdi.k8s.io/vendor",
        "io.kubernetes.cri-o.Devices", "io.kubernetes.cri-o.userns-mode", "io.kubernetes.cri-o.UnifiedCgroup", "com.docker.runtime",
        "com.nvidia.volumes.needed", "org.dolium.privileged", "dolium.seccomp", "org.systemd.property.DeviceAllow"
    };

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
    void I_01_labels_change_nothing_of_what_is_done() throws Exception {
        StringBuilder labels = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            labels.append(i == 0 ? "" : ",").append('\'').append(CONTROLS[i % CONTROLS.length]).append(i < CONTROLS.length ? "" : "." + i)
                    .append("':'").append(i % 2 == 0 ? "true" : "/host:/:rw,privileged").append('\'');
        }
        String plain = container("'Cmd':['true']").explain();
        assertThat(container("'Cmd':['true'],'Labels':{" + labels + "}").explain()).isEqualTo(plain);
        assertThat(container("'Cmd':['true'],'WorkingDir':'/x'").explain()).as("what counts is seen").isNotEqualTo(plain);
    }

    private static final String ENV = "'Env':['LD_PRELOAD=/evil.so','JAVA_TOOL_OPTIONS=-Xevil','BASH_ENV=/evil','GCONV_PATH=/evil',"
            + "'PATH=/evil:/bin','LD_LIBRARY_PATH=/evil','HOME=/evil']";

    /// Everything that is executed, by whomever, after the start of a JVM.
    @Test
    void I_02_the_environment_is_seen_by_the_command_alone() throws Exception {
        Path trace = directory.resolve("trace");
        List<String> command = new ArrayList<>(List.of(
                MustRun.program("strace"), "-f", "-qq", "-v", "-s", "4096", "-e", "trace=execve,execveat", "-o", trace.toString(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("java.class.path"), ImageMain.class.getName(), "'Cmd':['true']," + ENV, root.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(said).isZero();
        List<String> evil = Files.readAllLines(trace).stream().skip(1).filter(line -> line.contains("evil")).toList();
        assertThat(evil).as("its own PATH is searched by the command's process").isNotEmpty()
                .allMatch(line -> line.matches("[0-9]+ +execve\\(\"(/evil|/bin)/true\", \\[\"true\"], .*"));
        assertThat(Files.readAllLines(trace)).hasSizeGreaterThan(evil.size());
    }

    @Test
    void I_02_no_container_has_anothers_environment() throws Exception {
        ContainerBuilder first = container("'Cmd':['env']," + ENV);
        assertThat(output(first.env("PATH", "/bin").env("LD_PRELOAD", ""))).contains("BASH_ENV=/evil");
        assertThat(output(container("'Cmd':['env']"))).doesNotContain("evil", "BASH_ENV");
    }

    @Test
    void I_03_a_number_is_never_a_name() throws Exception {
        for (String user : List.of("4294967296", "99999999999", "0x0", "+0", "-1", " 0", "\u0660", "4294967295", "1e0")) {
            Files.writeString(root.resolve("etc/passwd"), user + ":x:0:0::/root:/bin/sh\nroot:x:0:0::/root:/bin/sh\n");
            Files.writeString(root.resolve("etc/group"), user + ":x:0:\n");
            assertThatThrownBy(() -> container("'Cmd':['true'],'User':'" + user + "'").build()).as(user)
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> container("'Cmd':['true'],'User':'0:" + user + "'").build()).as("group " + user)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(output(container("'Cmd':['id','-u'],'User':'0'"))).isEqualTo("0\n");
    }

    @Test
    void I_04_no_id_of_the_files_wraps() throws Exception {
        for (String id : List.of("4294967296", "-1", "4294967295", "18446744073709551616")) {
            Files.writeString(root.resolve("etc/passwd"), "u:x:" + id + ":0::/:\ng:x:1:" + id + "::/:\n");
            assertThatThrownBy(() -> container("'Cmd':['true'],'User':'u'").build()).as(id).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> container("'Cmd':['true'],'User':'g'").build()).as(id).isInstanceOf(IllegalArgumentException.class);
        }
        Files.writeString(root.resolve("etc/passwd"), "u:x:2147483648:2147483649::/:\n");
        assertThat(output(container("'Cmd':['sh','-c','id -u; id -g'],'User':'u'"))).isEqualTo("2147483648\n2147483649\n");
    }

    @Test
    void I_05_what_layers_bring_for_a_user_database_is_refused_at_once() throws Exception {
        Path upper = Files.createDirectories(directory.resolve("upper/etc")).getParent();
        Files.createSymbolicLink(upper.resolve("etc/passwd"), Path.of("/etc/shadow"));
        Files.writeString(root.resolve("etc/shadow"), "inside:x:5:5::/:\n");
        assertThat(output(Configs.container("'User':'inside','Cmd':['id','-u']", upper, root))).isEqualTo("5\n");
        Files.delete(upper.resolve("etc/passwd"));
        Files.createSymbolicLink(upper.resolve("etc/passwd"), Path.of("/dev/zero"));
        assertThatThrownBy(() -> Configs.container("'User':'inside','Cmd':['true']", upper, root).build())
                .hasMessageContaining("unknown user 'inside'");
        Files.delete(upper.resolve("etc/passwd"));
        assertThat(new ProcessBuilder("mkfifo", upper.resolve("etc/passwd").toString()).start().waitFor()).isZero();
        assertThatThrownBy(() -> Configs.container("'Cmd':['true']", upper, root)).isInstanceOf(IOException.class)
                .hasMessageContaining("is no regular file");
    }

    @Test
    void I_06_a_home_directory_with_a_line_end_gets_nowhere() throws Exception {
        Files.writeString(root.resolve("etc/passwd"), "u:x:1:1::/a\u000bb:/bin/sh\n");
        assertThatThrownBy(() -> container("'Cmd':['true'],'User':'u'").build()).isInstanceOf(IllegalArgumentException.class);
        String before = Files.readString(root.resolve("etc/passwd"));
        assertThat(output(container("'Cmd':['sh','-c','printf %s \\\"$HOME\\\"'],'User':'0','Env':['HOME=x\\nroot2:x:0:0::/:/bin/sh']")))
                .isEqualTo("x\nroot2:x:0:0::/:/bin/sh");
        assertThat(root.resolve("etc/passwd")).hasContent(before);
    }

    @Test
    void I_07_volumes_of_an_image_are_confined_or_refused() throws Exception {
        for (String volume : List.of("/../../canary", "/proc", "/proc/sys/kernel", "/sys", "/dev/shm", "/", "relative", "/a/../../b", "")) {
            assertThatThrownBy(() -> container("'Cmd':['true'],'Volumes':{'" + volume + "':{}}").build()).as(volume)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        Path canary = Files.createDirectory(directory.resolve("canary"));
        Files.writeString(canary.resolve("secret"), "secret");
        Files.createSymbolicLink(root.resolve("a"), canary);
        Files.createDirectories(root.resolve(canary.toString().substring(1)));
        assertThat(output(container("'Volumes':{'/a':{}},'Cmd':['sh','-c','ls -A /a/; touch /a/made']"))).isEmpty();
        assertThat(canary.toFile().list()).containsExactly("secret");
    }

    @Test
    void I_08_the_working_directory_of_an_image_is_made_inside() throws Exception {
        Path canary = Files.createDirectory(directory.resolve("canary"));
        Files.createSymbolicLink(root.resolve("a"), canary);
        Files.createDirectories(root.resolve(canary.toString().substring(1)));
        assertThat(output(container("'WorkingDir':'/a/work','Cmd':['pwd','-P']"))).isEqualTo(canary + "/work\n");
        assertThat(output(container("'WorkingDir':'/../../../a/../b','Cmd':['pwd','-P']"))).isEqualTo("/b\n");
        assertThat(canary).isEmptyDirectory();
        assertThatThrownBy(() -> container("'WorkingDir':'relative','Cmd':['true']")).hasMessageContaining("is not an absolute path");
    }

    @Test
    void I_09_what_is_no_signal_port_or_variable_is_refused() throws Exception {
        for (String signal : List.of("SIGKILL; reboot", "0", "65", "-9", "\u0669", "SIGTERM\\n", "RTMIN+99", "+15", "9999999999")) {
            assertThatThrownBy(() -> container("'Cmd':['true'],'StopSignal':'" + signal + "'")).as(signal)
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("the image's stop signal");
        }
        for (String port : List.of("0/tcp", "65536/tcp", "80/http", "80/tcp/x", "-1/tcp", "\u0669/tcp", "", "/tcp", "80-90/tcp")) {
            assertThatThrownBy(() -> container("'Cmd':['true'],'ExposedPorts':{'" + port + "':{}}")).as(port)
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("exposed port");
        }
        for (String variable : List.of("", "A", "=x")) {
            assertThatThrownBy(() -> container("'Cmd':['true'],'Env':['" + variable + "']")).as(variable)
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("is not NAME=VALUE");
        }
        assertThatThrownBy(() -> Configs.of("'Cmd':['a\\u0000b']")).hasMessageContaining("NUL");
        assertThatThrownBy(() -> Configs.of("'Cmd':[" + "'x',".repeat(1_000_000) + "'x']")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void I_10_an_image_for_another_system_or_processor_is_refused_by_both_names() {
        Platform other = Platform.parse(Configs.HERE.architecture().equals("amd64") ? "linux/arm64" : "linux/amd64");
        assertThatThrownBy(() -> ImageContainer.builder(Configs.of(other, ""), Configs.HERE, Rootfs.overlay(root),
                        Rootfs.overlay(root).users()))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining(other.toString(), Configs.HERE.toString());
        for (String os : List.of("windows", "freebsd", "darwin", "linux2")) {
            Platform system = Platform.of(os, Configs.HERE.architecture());
            assertThatThrownBy(() -> ImageContainer.builder(Configs.of(system, ""), system, Rootfs.overlay(root),
                            Rootfs.overlay(root).users()))
                    .as("also if it was asked for").isInstanceOf(IllegalArgumentException.class).hasMessageContaining(os);
        }
    }
}
