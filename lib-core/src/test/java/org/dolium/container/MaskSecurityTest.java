// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dolium.capability.Capability;
import org.dolium.linux.Arg;
import org.dolium.process.LaunchException;
import org.dolium.testing.Canary;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows P-05, P-09 to P-11, P-16 and P-22 of the security matrix: what masks are made of, and what stays below them.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class MaskSecurityTest extends SecurityRows {
    private static final String LOOK =
            "for f in /proc/keys /proc/timer_list /secret; do stat -c '%F %t:%T' $f; cat $f; echo x > $f; done 2>&1";
    private static final String NULL = "character special file 1:3\n";

    @ParameterizedTest
    @MethodSource("modes")
    void P_05_nothing_is_mounted_over_proc_by_a_caller(Mode mode) throws Exception {
        for (String target : List.of("/proc", "/proc/self", "/proc/sys", "/proc/self/attr", "/proc/1/../sys")) {
            assertThatThrownBy(() -> tiny(mode, "true").bind(canary.directory(), target).run(LIMIT))
                    .as(target).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> tiny(mode, "true").tmpfs(target).run(LIMIT))
                    .as(target).isInstanceOf(IllegalArgumentException.class);
        }
    }

    /// Whatever the image brings as /dev/null.
    @ParameterizedTest
    @MethodSource("modes")
    void P_09_masks_are_made_of_the_null_device_itself(Mode mode) throws Exception {
        Path node = root.resolve("dev/null");
        Files.writeString(root.resolve("secret"), Canary.SECRET);
        for (String kind : List.of("nothing", "link", "file", "fifo", "zero")) {
            Files.deleteIfExists(node);
            switch (kind) {
                case "link" -> Files.createSymbolicLink(node, Path.of("/proc/sys/kernel/core_pattern"));
                case "file" -> Files.writeString(node, "trap");
                case "fifo" -> assertThat(new ProcessBuilder("mkfifo", node.toString()).start().waitFor()).isZero();
                case "zero" -> Files.createSymbolicLink(node, Path.of("/dev/zero"));
                default -> {}
            }
            assertThat(output(tiny(mode, LOOK).maskPath("/secret"))).as(kind).isEqualTo(NULL.repeat(3));
            assertThat(root.resolve("secret")).hasContent(Canary.SECRET);
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_09_another_device_is_noticed(Mode mode) throws Exception {
        String pattern = mode == Mode.R ? "mknodat\\([^,]*, \"null\".*" : "open_tree\\(AT_FDCWD, \"/dev/null\".*";
        Arg zero = mode == Mode.R ? Arg.flags(1 << 8 | 5, "makedev(1, 5)") : Arg.str("/dev/zero");
        ContainerSpec wrong = Variant.withArgument(tiny(mode, LOOK), pattern, mode == Mode.R ? 3 : 1, zero);
        assertThatThrownBy(() -> wrong.run(LIMIT))
                .isInstanceOf(LaunchException.class).hasMessageContaining("has device number 1:3");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_09_without_the_control_the_images_file_is_the_mask(Mode mode) throws Exception {
        Files.writeString(root.resolve("trap"), "trap\n");
        ContainerBuilder builder = tiny(mode, "cat /proc/keys");
        ContainerSpec weak = Variant.withArgument(builder, "openat\\(\\$\\d+, \"null\", O_PATH.*", 1, Arg.str("/trap"));
        assertThatThrownBy(() -> weak.run(LIMIT)).isInstanceOf(LaunchException.class); // and that is noticed too
    }

    /// A read-only path is sealed while it is attached nowhere: there is no moment at which it could be written.
    @ParameterizedTest
    @MethodSource("modes")
    void P_10_a_read_only_path_is_sealed_before_it_is_attached(Mode mode) throws Exception {
        Files.createDirectories(root.resolve("data/below"));
        Files.createDirectory(directory.resolve("more")).toFile().setWritable(true, false);
        ContainerBuilder builder = tiny(mode, "touch /data/x /data/below/x")
                .bind(directory.resolve("more"), "/data/below").readOnlyPath("/data");
        assertThat(output(builder).lines()).hasSize(2).allMatch(line -> line.endsWith("Read-only file system"));
        String plan = builder.explain();
        assertThat(plan).doesNotContain("MS_REMOUNT", "mount(\"");
        assertThat(output(Variant.without(builder, "mount_setattr\\(\\$\\d+, \"\", AT_EMPTY_PATH\\|AT_RECURSIVE, "
                + "\\{attr_set=MOUNT_ATTR_RDONLY\\|MOUNT_ATTR_NOSUID\\|MOUNT_ATTR_NODEV\\|MOUNT_ATTR_NOEXEC.*")))
                .doesNotContain("below"); // the negative control
    }

    /// Without a terminal; nothing that an image brings in its place is used.
    @ParameterizedTest
    @MethodSource("modes")
    void P_11_the_images_console_and_terminals_are_not_the_containers(Mode mode) throws Exception {
        Files.createSymbolicLink(root.resolve("dev/console"), canary.directory().resolve("file"));
        Files.createDirectory(root.resolve("dev/pts"));
        Files.createSymbolicLink(root.resolve("dev/pts/0"), canary.directory().resolve("file"));
        assertThat(output(tiny(mode, "ls /dev/console; ls /dev/pts; stat -f -c %T /dev/pts; readlink /dev/ptmx")))
                .isEqualTo("ptmx\ndevpts\npts/ptmx\nls: /dev/console: No such file or directory\n");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_16_masks_cannot_be_taken_off(Mode mode) throws Exception {
        String peel = "umount /proc/keys; umount /proc/sys; umount -l /proc; mount -t proc proc /mnt;"
                + " unshare -U -r -m sh -c 'umount /proc/keys; umount /proc/sys; umount -l /proc/sys; mount -t proc proc /mnt';"
                + " unshare -U -r -m -p -f mount -t proc proc /mnt; cat /proc/keys /mnt/keys;"
                + " echo x > /proc/sys/kernel/hostname; echo x > /mnt/sys/kernel/hostname";
        Result result = tiny(mode, peel).run(LIMIT);
        assertThat(result.stdout()).isEmpty();
        assertThat(result.stderr()).contains("/proc/sys/kernel/hostname: Read-only file system");
        // with the capability to administrate, and no filter of system calls, masks are peeled: that is what it is for
        assertThat(tiny(mode, "umount /proc/timer_list && umount /proc/keys && wc -l < /proc/keys")
                        .addCapabilities(Capability.SYS_ADMIN).run(LIMIT).stdout())
                .isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_22_without_the_control_more_fits_in(Mode mode) throws Exception {
        ContainerBuilder builder = tiny(mode, "dd if=/dev/zero of=/mnt/fill bs=1M count=8 2>/dev/null && echo all")
                .mount(Tmpfs.of("/mnt").size(MemorySize.mebibytes(4)));
        assertThat(output(builder)).isEmpty();
        assertThat(output(Variant.without(builder, "fsconfig\\(.*\"size\", \"4194304\".*"))).isEqualTo("all\n");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_22_memory_file_systems_have_a_limit(Mode mode) throws Exception {
        String fill = "for d in /dev /dev/shm /mnt; do dd if=/dev/zero of=$d/fill bs=1M count=80 2>&1 | grep -c 'No space'; done;"
                + " i=0; while mknod /mnt/$i p 2>/dev/null; do i=$((i+1)); done; test $i -le 2000 && echo limited";
        assertThat(output(tiny(mode, fill).mount(Tmpfs.of("/mnt").size(MemorySize.mebibytes(4)))))
                .isEqualTo("1\n1\n1\nlimited\n");
    }
}
