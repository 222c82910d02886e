// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.dolium.linux.Propagation;
import org.dolium.process.LaunchException;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.ProcessStatus;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Bind mounts, memory file systems and overlays that work for every user.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class BindTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private Path root;
    private Path data;

    @BeforeEach
    void make() throws Exception {
        root = TinyRoot.make(Files.createDirectory(directory.resolve("root")));
        data = Files.createDirectory(directory.resolve("data"));
        Files.writeString(data.resolve("file"), "content\n");
    }

    private ContainerBuilder tiny(String script) {
        return ContainerBuilder.create().rootfs(Rootfs.directory(root)).command("sh", "-c", script);
    }

    private static String output(ContainerBuilder builder) throws Exception {
        Result result = builder.run(LIMIT);
        return result.stdout() + result.stderr();
    }

    @Test
    void a_bind_is_writable_and_makes_its_mount_point() throws Exception {
        assertThat(output(tiny("cat /a/b/c/file; echo new > /a/b/c/made").bind(data, "/a/b/c"))).isEqualTo("content\n");
        assertThat(data.resolve("made")).hasContent("new\n");
    }

    @Test
    void a_read_only_bind_can_not_be_written() throws Exception {
        assertThat(output(tiny("echo no > /mnt/file; cat /mnt/file").bindReadOnly(data, "/mnt")))
                .contains("content\n", "Read-only file system");
    }

    @Test
    void a_single_file_can_be_bound() throws Exception {
        assertThat(output(tiny("cat /etc/one").bindReadOnly(data.resolve("file"), "/etc/one"))).isEqualTo("content\n");
    }

    @Test
    void nothing_is_executed_on_a_noexec_bind() throws Exception {
        Path script = Files.writeString(data.resolve("script"), "#!/bin/sh\necho ran\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(output(tiny("/mnt/script").bind(data, "/mnt"))).isEqualTo("ran\n");
        assertThat(output(tiny("/mnt/script").mount(Bind.of(data, "/mnt").noExec()))).contains("Permission denied");
    }

    @Test
    void attributes_of_a_bind_are_as_asked() throws Exception {
        String show = "grep ' /mnt ' /proc/self/mountinfo | cut -d' ' -f6";
        assertThat(output(tiny(show).bind(data, "/mnt"))).startsWith("rw,nosuid,nodev");
        assertThat(output(tiny(show).mount(Bind.of(data, "/mnt").readOnly().noExec()))).startsWith("ro,nosuid,nodev,noexec");
        assertThat(output(tiny(show).mount(Bind.of(data, "/mnt").allowDevices().allowSetUserId())))
                .doesNotContain("nosuid", "nodev");
    }

    @Test
    void access_times_are_left_alone_where_the_kernel_lets_us_say_so() throws Exception {
        ContainerBuilder builder = tiny("grep ' /mnt ' /proc/self/mountinfo | cut -d' ' -f6")
                .mount(Bind.of(data, "/mnt").noAtime());
        if (ProcessStatus.self().effectiveUid() == 0) {
            assertThat(output(builder)).isEqualTo("rw,nosuid,nodev,noatime\n");
        } else { // in a user namespace, the host's choice is locked
            assertThatThrownBy(builder::run)
                    .isInstanceOf(LaunchException.class)
                    .hasMessageContaining("MOUNT_ATTR_NOATIME")
                    .hasMessageContaining("hint: in a user namespace");
        }
    }

    @Test
    void a_bind_over_an_inner_link_stays_inside_the_root() throws Exception {
        Files.createSymbolicLink(root.resolve("link"), Path.of("/mnt/deep"));
        Files.createDirectories(root.resolve("mnt/deep"));
        assertThat(output(tiny("cat /mnt/deep/file").bind(data, "/link"))).isEqualTo("content\n");
    }

    @Test
    void memory_file_systems_have_the_size_asked_for() throws Exception {
        assertThat(output(tiny("df -k /mem | grep -c 2048; dd if=/dev/zero of=/mem/x bs=1k count=4096 2>&1 | grep -c space")
                        .tmpfs("/mem", MemorySize.mebibytes(2))))
                .isEqualTo("1\n1\n");
    }

    @Test
    void memory_file_systems_have_the_mode_and_the_inodes_asked_for() throws Exception {
        Tmpfs memory = Tmpfs.of("/mem").mode(0750).inodes(10);
        assertThat(output(tiny("stat -c %a /mem; i=0; while touch /mem/$i; do i=$((i+1)); done 2> /dev/null; echo $i")
                        .mount(memory)))
                .isEqualTo("750\n9\n"); // the root is an inode too
        String script = "cp /bin/busybox /mem/echo; /mem/echo ran";
        assertThat(output(tiny(script).mount(Tmpfs.of("/mem").executable()))).isEqualTo("ran\n");
        assertThat(output(tiny(script).mount(Tmpfs.of("/mem")))).contains("Permission denied");
        assertThatThrownBy(() -> Tmpfs.of("/mem").mode(010000)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Tmpfs.of("/mem").inodes(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void an_overlay_keeps_its_lower_directories_as_they_were() throws Exception {
        Path upper = Files.createDirectory(directory.resolve("more"));
        Files.writeString(upper.resolve("marker"), "top\n");
        for (Rootfs.Overlay overlay : new Rootfs.Overlay[] {
            Rootfs.overlay(upper, root), Rootfs.overlay(upper, root).upperOnDisk(directory)
        }) {
            ContainerBuilder builder = ContainerBuilder.create()
                    .rootfs(overlay)
                    .command("sh", "-c", "cat /marker; echo x > /marker; rm /etc/group; rm -r /home; mkdir /home; ls /etc");
            assertThat(output(builder)).isEqualTo("top\npasswd\n");
            assertThat(upper.resolve("marker")).hasContent("top\n");
            assertThat(root.resolve("etc/group")).exists();
        }
        assertThat(directory.toFile().list()).containsExactlyInAnyOrder("root", "data", "more");
    }

    @Test
    void an_overlay_has_any_number_of_lower_directories() throws Exception {
        Path[] layers = new Path[61];
        for (int i = 0; i < 60; i++) {
            layers[i] = Files.createDirectory(directory.resolve("layer:with,a\\long-name-" + i));
            Files.writeString(layers[i].resolve("f" + i), "");
            Files.writeString(layers[i].resolve("top"), "" + i);
        }
        layers[60] = root;
        ContainerBuilder builder = ContainerBuilder.create()
                .rootfs(Rootfs.overlay(layers))
                .command("sh", "-c", "ls / | grep -c '^f[0-9]'; cat /top; echo x > /f59");
        assertThat(output(builder)).isEqualTo("60\n0");
        assertThat(layers[59].resolve("f59")).isEmptyFile();
    }

    @Test
    void a_layer_with_a_longer_path_than_overlayfs_takes_is_refused() throws Exception {
        Path deep = Files.createDirectories(directory.resolve("d".repeat(150)).resolve("e".repeat(150)));
        assertThatThrownBy(() -> ContainerBuilder.create().rootfs(Rootfs.overlay(deep)).command("true").build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a longer path than overlayfs takes: 255 bytes");
    }

    @Test
    void a_directory_that_is_read_only_is_never_written_to() throws Exception {
        ContainerBuilder builder = ContainerBuilder.create()
                .rootfs(Rootfs.directory(root).asReadOnly())
                .command("sh", "-c", "touch /etc/new; echo ok > /dev/shm/x; cat /dev/shm/x");
        assertThat(output(builder)).contains("Read-only file system", "ok\n");
    }

    @Test
    void propagation_of_the_root_and_of_a_mount_is_as_asked() throws Exception {
        String fields = "sed -n 's#^[0-9]* [0-9]* [0-9:]* [^ ]* \\(/\\|/mnt\\) [^ ]* \\(.*\\)- .*#\\1 \\2#p' /proc/self/mountinfo";
        assertThat(output(tiny(fields).bind(data, "/mnt"))).isEqualTo("/ \n/mnt \n");
        assertThat(output(tiny(fields)
                        .rootPropagation(Propagation.SHARED)
                        .mount(Bind.of(data, "/mnt").propagation(Propagation.SHARED))))
                .matches("/ shared:\\d+ \n/mnt shared:\\d+ \n");
        assertThat(output(tiny(fields)
                        .rootPropagation(Propagation.UNBINDABLE)
                        .mount(Bind.of(data, "/mnt").propagation(Propagation.UNBINDABLE))))
                .isEqualTo("/ unbindable \n/mnt unbindable \n");
    }

    @Test
    void the_devices_are_the_usual_ones_and_work() throws Exception {
        assertThat(output(tiny("ls /dev; echo x > /dev/null; head -c 4 /dev/zero | od -An -tx1; echo x > /dev/full")))
                .startsWith("core\nfd\nfull\nmqueue\nnull\nptmx\npts\nrandom\nshm\nstderr\nstdin\nstdout\ntty\nurandom\nzero\n")
                .contains(" 00 00 00 00\n", "No space left on device");
        assertThat(output(tiny("stat -c '%F %t:%T' /dev/null /dev/urandom; readlink /dev/fd; readlink /dev/ptmx")))
                .isEqualTo("character special file 1:3\ncharacter special file 1:9\n/proc/self/fd\npts/ptmx\n");
    }

    @Test
    void what_is_masked_reads_as_empty_and_what_is_protected_can_not_be_written() throws Exception {
        assertThat(output(tiny("head -c 1 /proc/kcore | wc -c; ls /sys/firmware | wc -l; echo 1 > /proc/sys/kernel/panic")))
                .startsWith("0\n0\n")
                .contains("Read-only file system");
        Files.writeString(root.resolve("secret"), "secret");
        assertThat(output(tiny("cat /secret; ls /home; echo x > /etc/passwd")
                        .maskPath("/secret").maskPath("/home").maskPath("/not/there").readOnlyPath("/etc")))
                .isEqualTo("sh: can't create /etc/passwd: Read-only file system\n");
    }

    @Test
    void a_mount_over_the_root_is_refused() {
        assertThatThrownBy(() -> tiny("true").bind(data, "/").run()).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> tiny("true").bind(data, "/mnt/../..").run())
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_file_in_the_place_of_a_mount_point_directory_is_refused() {
        assertThatThrownBy(() -> tiny("true").bind(data, "/etc/passwd").run())
                .isInstanceOf(LaunchException.class)
                .hasMessageContaining("ENOTDIR");
    }
}
