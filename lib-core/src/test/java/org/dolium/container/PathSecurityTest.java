// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.MountFlags;
import org.dolium.linux.Sys;
import org.dolium.process.LaunchException;
import org.dolium.testing.Canary;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows P of the security matrix: paths and mounts.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class PathSecurityTest extends SecurityRows {
    private static final String OPENS = "openat2\\(.*";
    private static final Arg ANYWHERE = MountFlags.openHow(0x280000, "O_PATH|O_CLOEXEC", 0, "0");

    /// The canary's path inside the root, so that a link to it leads somewhere when it is resolved inside.
    private Path insideOf(Path outside) throws Exception {
        return Files.createDirectories(root.resolve(outside.toString().substring(1)));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_01_a_mount_target_that_links_to_the_host_lands_inside_the_root(Mode mode) throws Exception {
        insideOf(canary.directory());
        Path data = Files.createDirectory(directory.resolve("data"));
        Files.writeString(data.resolve("mounted"), "");
        String[] links = {canary.directory().toString(), "../../../../../../.." + canary.directory()};
        for (int i = 0; i < links.length; i++) {
            Files.createSymbolicLink(root.resolve("mnt/link" + i), Path.of(links[i]));
            String look = "ls " + canary.directory();
            assertThat(output(tiny(mode, look).bind(data, "/mnt/link" + i))).isEqualTo("mounted\n");
            assertThat(output(tiny(mode, "touch /mnt/link" + i + "/x; " + look).tmpfs("/mnt/link" + i))).isEqualTo("x\n");
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_01_a_mount_target_through_a_magic_link_is_refused(Mode mode) throws Exception {
        Files.createDirectory(root.resolve("a"));
        Files.createSymbolicLink(root.resolve("a/b"), Path.of("/proc/1/root"));
        Files.createSymbolicLink(root.resolve("a/c"), Path.of("/proc/self/cwd"));
        for (String target : new String[] {"/a/b/mnt", "/a/b", "/a/c"}) {
            assertThatThrownBy(() -> tiny(mode, "true").bind(canary.directory(), target).run(LIMIT))
                    .isInstanceOf(LaunchException.class)
                    .hasMessageContaining("openat2(");
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_01_without_the_control_the_mount_leaves_the_root(Mode mode) throws Exception {
        insideOf(canary.directory());
        Path data = Files.createDirectory(directory.resolve("data"));
        Files.writeString(data.resolve("mounted"), "");
        Files.createSymbolicLink(root.resolve("mnt/link"), canary.directory());
        ContainerBuilder builder = tiny(mode, "ls " + canary.directory()).bind(data, "/mnt/link");
        assertThat(output(Variant.withArgument(builder, "openat2\\([^,]*, \"mnt/link\".*", 2, ANYWHERE)))
                .isEmpty(); // it was mounted over the host's directory, in the container's mount namespace
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_04_a_proc_sys_or_dev_that_is_no_directory_is_refused(Mode mode) throws Exception {
        for (String[] change : new String[][] {
            {"proc", "/tmp"}, {"dev", canary.directory().toString()}, {"sys", "../.."}, {"dev", "file"}, {"proc", "fifo"}
        }) {
            Path place = root.resolve(change[0]);
            Files.delete(place);
            if (change[1].equals("file")) {
                Files.writeString(place, "");
            } else if (change[1].equals("fifo")) {
                assertThat(new ProcessBuilder("mkfifo", place.toString()).start().waitFor()).isZero();
            } else {
                Files.createSymbolicLink(place, Path.of(change[1]));
            }
            assertThatThrownBy(() -> tiny(mode, "true").run(LIMIT))
                    .as(String.join(" as ", change))
                    .isInstanceOf(LaunchException.class)
                    .hasMessageContaining("\"" + change[0] + "\"");
            Files.delete(place);
            Files.createDirectory(place);
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_04_without_the_control_the_image_chooses_where_proc_is(Mode mode) throws Exception {
        Files.delete(root.resolve("proc"));
        Files.createSymbolicLink(root.resolve("proc"), Path.of("/tmp"));
        Arg inRootOnly = MountFlags.openHow(0x280000, "O_PATH|O_CLOEXEC", 0x10, "RESOLVE_IN_ROOT");
        ContainerSpec weak = Variant.withArgument(tiny(mode, "ls -d /tmp/1"), "openat2\\([^,]*, \"proc\".*", 2, inRootOnly);
        assertThat(output(weak)).isEqualTo("/tmp/1\n");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_12_devices_that_the_image_brings_are_hidden_and_left_alone(Mode mode) throws Exception {
        Files.writeString(root.resolve("dev/zero"), "trap");
        Files.createSymbolicLink(root.resolve("dev/null"), canary.directory().resolve("file"));
        assertThat(output(tiny(mode, "stat -c '%F %t:%T' /dev/zero /dev/null; echo x > /dev/null; echo x > /dev/zero")))
                .isEqualTo("character special file 1:5\ncharacter special file 1:3\n");
        assertThat(root.resolve("dev/zero")).hasContent("trap");
        assertThatThrownBy(() -> tiny(mode, "true").bind(canary.directory(), "/dev/../etc/x").run(LIMIT))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_12_without_the_control_the_images_devices_are_used(Mode mode) throws Exception {
        Files.writeString(root.resolve("dev/zero"), "trap");
        ContainerBuilder builder = tiny(mode, "cat /dev/zero").withoutStandardMasks();
        // the memory file system is made, but neither attached over the image's directory nor, as kernels before 6.15 refuse that in a
        // tree that is not attached, anything in it
        String plan = builder.build().explain();
        String place = firstMatch(plan, "\\$(\\d+) = openat2\\(\\$\\d+, \"dev\"");
        String dev = firstMatch(plan, "move_mount\\(\\$(\\d+), \"\", \\$" + place + ", ");
        List<String> places = Pattern.compile("\\$(\\d+) = openat\\(\\$" + dev + ", ").matcher(plan).results()
                .map(found -> found.group(1)).toList();
        String attached = "\\$(" + place + "|" + String.join("|", places) + ")";
        assertThat(output(Variant.without(builder, "move_mount\\(.*" + attached + ", .*|expect .* (is a character|has) device.*"))).isEqualTo("trap");
    }

    private static String firstMatch(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(pattern + " in " + text).isTrue();
        return matcher.group(1);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_13_only_a_missing_path_may_go_unmasked(Mode mode) throws Exception {
        Files.createSymbolicLink(root.resolve("loop"), Path.of("loop"));
        assertThat(output(tiny(mode, "echo runs").maskPath("/not/there"))).isEqualTo("runs\n");
        for (String path : new String[] {"/loop/x", "/etc/passwd/x"}) {
            assertThatThrownBy(() -> tiny(mode, "true").maskPath(path).run(LIMIT)).isInstanceOf(LaunchException.class);
            assertThatThrownBy(() -> tiny(mode, "true").readOnlyPath(path).run(LIMIT)).isInstanceOf(LaunchException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_13_without_the_control_a_mask_is_missing_unnoticed(Mode mode) throws Exception {
        Files.createSymbolicLink(root.resolve("loop"), Path.of("loop"));
        ContainerBuilder builder = tiny(mode, "echo runs").maskPath("/loop/x");
        assertThat(output(Variant.tolerating(builder, OPENS + "\"loop/x\".*", Errno.ELOOP))).isEqualTo("runs\n");
    }

    private static String escapes(Canary canary) {
        String path = canary.directory() + "/file";
        return "for p in / /../ /../../../ /proc/self/root/../ /proc/1/root/../../ /proc/1/cwd/../; do cat $p" + path
                + "; done 2>/dev/null; cd /; cd ..; cd ../..; cat ." + path + " 2>/dev/null; cat /proc/self/mountinfo";
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_14_nothing_of_the_old_root_can_be_reached(Mode mode) throws Exception {
        String seen = output(tiny(mode, escapes(canary)));
        assertThat(seen).doesNotContain(Canary.SECRET);
        assertThat(seen.lines().filter(line -> line.split(" ")[4].equals("/")))
                .singleElement().asString().contains("/root / ");
        assertThat(seen.lines().map(line -> line.split(" ")[4]))
                .allMatch(point -> point.matches("/|/(proc|sys|dev)(/.*)?"));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_14_without_the_control_the_old_root_is_above_the_new_one(Mode mode) throws Exception {
        assertThat(output(Variant.without(tiny(mode, escapes(canary)), "umount2\\(\"\\.\", MNT_DETACH\\)")))
                .contains(Canary.SECRET);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_14_a_chroot_with_its_capability_does_not_lead_out(Mode mode) throws Exception {
        String escape = "import os; os.mkdir('/tmp/x'); fd = os.open('/', os.O_RDONLY); os.chroot('/tmp/x'); os.fchdir(fd)\n"
                + "for i in range(50): os.chdir('..')\nos.chroot('.')\nprint(sorted(os.listdir('/')))\n"
                + "print(os.path.exists('" + canary.directory() + "/file'))";
        ContainerBuilder builder =
                mode.apply(ContainerBuilder.create().rootfs(Rootfs.host()).command("python3", "-c", escape))
                        .mount(Tmpfs.of(canary.directory().toString())); // what is below it is the host's alone
        assertThat(output(builder)).contains("'proc'").endsWith("False\n");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_15_there_is_no_chroot_to_fall_back_to(Mode mode) throws Exception {
        ContainerBuilder builder = tiny(mode, "echo ran");
        assertThat(builder.explain()).contains("pivot_root(\".\", \".\")").doesNotContain("chroot(");
        assertThat(Sys.values()).noneMatch(sys -> sys.text().equals("chroot"));
        ContainerSpec impossible = Variant.without(builder, "move_mount\\(\\$\\d+, \"\", AT_FDCWD, \"/\", .*");
        assertThatThrownBy(() -> impossible.run(LIMIT))
                .isInstanceOf(LaunchException.class)
                // before Linux 6.15 nothing can be mounted in a tree that is not attached
                .hasMessageMatching("(?s).*(pivot_root\\(\"\\.\", \"\\.\"\\)|move_mount\\(.*\\)) = -1 EINVAL.*");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_18_without_the_control_a_bind_can_be_written(Mode mode) throws Exception {
        Path data = Files.createDirectory(directory.resolve("data"));
        ContainerBuilder builder = tiny(mode, "echo x > /mnt/x && echo written").bindReadOnly(data, "/mnt");
        if (mode == Mode.RU) {
            Files.setPosixFilePermissions(data, java.nio.file.attribute.PosixFilePermissions.fromString("rwxrwxrwx"));
        }
        assertThat(output(builder)).contains("Read-only file system");
        assertThat(output(Variant.without(builder, "mount_setattr\\(.*MOUNT_ATTR_RDONLY\\|MOUNT_ATTR_NOSUID\\|MOUNT_ATTR_NODEV, .*")))
                .isEqualTo("written\n");
    }
}
