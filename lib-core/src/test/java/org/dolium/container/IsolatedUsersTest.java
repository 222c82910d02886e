// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dolium.cgroup.Requirement;
import org.dolium.linux.UnsupportedHostException;
import org.dolium.namespace.IdMaps;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.ProcessStatus;
import org.dolium.testing.Situation;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Containers of root whose ids are not the host's.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class IsolatedUsersTest extends SecurityRows {
    private static final IdMaps RANGE = IdMaps.parse("0:100000:65536");
    private static final UserNamespace ISOLATED = UserNamespace.isolated(RANGE, RANGE);

    @BeforeEach
    void onlyAsRoot() {
        MustRun.root();
    }

    private ContainerBuilder isolated(String script) {
        return tiny(Mode.R, script).userNamespace(ISOLATED);
    }

    private static Object owner(Path file) throws IOException {
        return Files.getAttribute(file, "unix:uid") + ":" + Files.getAttribute(file, "unix:gid");
    }

    @Test
    void no_id_of_the_host_is_in_the_container() throws Exception {
        assertThat(output(isolated("cat /proc/self/uid_map /proc/self/gid_map")).replaceAll(" +", " "))
                .isEqualTo(" 0 100000 65536\n 0 100000 65536\n");
        try (Container container = isolated("sleep 100").start()) {
            String status = Files.readString(Path.of("/proc/" + container.pid() + "/status"));
            assertThat(ProcessStatus.parse(status).field("Uid")).startsWith("100000\t100000");
        }
    }

    @Test
    void files_of_the_root_have_the_same_owners_inside_and_outside() throws Exception {
        Path users = Files.writeString(root.resolve("users"), "");
        Files.setAttribute(users, "unix:uid", 1000);
        String script = "stat -c %u:%g /etc/passwd /users; touch /new; echo more >> /etc/passwd; chown 1000:1000 /new";
        assertThat(output(isolated(script))).isEqualTo("0:0\n1000:0\n");
        assertThat(owner(root.resolve("new"))).isEqualTo("1000:1000");
        assertThat(root.resolve("etc/passwd")).content().endsWith("more\n");
        assertThat(owner(root.resolve("etc/passwd"))).isEqualTo("0:0");
    }

    @Test
    void without_the_mapping_the_roots_files_are_nobodys() throws Exception {
        assertThat(output(tiny(Mode.RU, "stat -c %u:%g /etc/passwd"))).isEqualTo("65534:65534\n");
    }

    @Test
    void a_read_only_root_stays_read_only() throws Exception {
        ContainerBuilder builder = isolated("touch /new; touch /etc/passwd")
                .rootfs(Rootfs.directory(root).asReadOnly());
        assertThat(output(builder).lines()).hasSize(2).allMatch(line -> line.endsWith("Read-only file system"));
    }

    @Test
    void files_of_binds_have_the_same_owners_too() throws Exception {
        Path data = Files.createDirectory(directory.resolve("data"));
        Path secret = Files.writeString(Files.createDirectory(directory.resolve("more")).resolve("file"), "root's\n");
        Files.setPosixFilePermissions(secret, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        ContainerBuilder builder = isolated("touch /mnt/new; chown 7:8 /mnt/new; cat /tmp/file; echo x > /tmp/file")
                .bind(data, "/mnt").bindReadOnly(secret, "/tmp/file");
        assertThat(output(builder)).startsWith("root's\n").contains("Read-only file system");
        assertThat(owner(data.resolve("new"))).isEqualTo("7:8");
    }

    @Test
    void layers_of_an_overlay_have_the_same_owners_too() throws Exception {
        Path top = Files.createDirectory(directory.resolve("top"));
        Files.writeString(top.resolve("top"), "top\n");
        ContainerBuilder builder = isolated("stat -c %u:%g /etc/passwd /top; echo more >> /etc/passwd; tail -n 1 /etc/passwd;"
                        + " touch /new; stat -c %u /new; mkdir /etc/dir; rm /top; ls /top")
                .rootfs(Rootfs.overlay(top, root));
        Result result = builder.run(LIMIT);
        assertThat(result.stdout()).isEqualTo("0:0\n0:0\nmore\n0\n");
        assertThat(result.stderr()).contains("/top: No such file or directory").doesNotContain("denied");
        assertThat(root.resolve("etc/passwd")).content().doesNotContain("more");
        assertThat(top.resolve("top")).exists();
    }

    @Test
    void an_overlay_on_disk_is_refused() {
        assertThatThrownBy(() -> isolated("true").rootfs(Rootfs.overlay(root).upperOnDisk(directory)).build())
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("isolated user namespace");
    }

    /// The host's own file system is not mapped: what only root may read, the container's root may not.
    @Test
    void the_hosts_root_is_read_as_somebody_else() throws Exception {
        String script = "id -u; cat /etc/passwd | head -n 1 | cut -d: -f1; cat /etc/shadow";
        ContainerBuilder builder = ContainerBuilder.create().command("sh", "-c", script);
        assertThat(builder.run(LIMIT).stderr()).isEmpty();
        Result result = builder.userNamespace(ISOLATED).run(LIMIT);
        assertThat(result.stdout()).isEqualTo("0\nroot\n");
        assertThat(result.stderr()).contains("/etc/shadow: Permission denied");
    }

    @Test
    void ids_that_are_granted_to_root_are_used() throws Exception {
        Path granted = Files.writeString(directory.resolve("granted"), "other:1:2\nroot:300000:1000\nroot:500000:70000\n");
        String script = "for f in subuid subgid; do mount --bind " + granted + " /etc/$f; done; exec \"$@\"";
        String seen = Situation.run(
                List.of("unshare", "--mount", "--propagation", "private"), script,
                Files.createDirectory(directory.resolve("scratch")), Attempt.class, root.toString(), "isolated");
        assertThat(seen.replaceAll("[ \n]+", " "))
                .isEqualTo("exited with code 0: 0 300000 1000 1000 500000 70000 0 300000 1000 1000 500000 70000 0:0 ");
    }

    @Test
    void where_none_are_granted_it_is_an_error_or_a_reduction() throws Exception {
        Path subuid = Path.of("/etc/subuid");
        if (Files.exists(subuid) && Files.readString(subuid).matches("(?s)(.*\n)?(root|0):.*")) {
            return; // shown above
        }
        ContainerBuilder required = tiny(Mode.R, "cat /proc/self/uid_map").userNamespace(UserNamespace.isolated());
        assertThatThrownBy(required::build)
                .isInstanceOf(UnsupportedHostException.class)
                .hasMessageContaining("grant no ids to root")
                .hasMessageContaining("sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 root");
        ContainerSpec preferred =
                tiny(Mode.R, "cat /proc/self/uid_map").userNamespace(UserNamespace.isolated(Requirement.PREFERRED)).build();
        assertThat(preferred.reductions()).anyMatch(text -> text.contains("its root is the host's"));
        assertThat(output(preferred)).contains("4294967295");
    }
}
