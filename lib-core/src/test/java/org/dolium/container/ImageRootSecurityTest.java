// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.dolium.linux.Arg;
import org.dolium.linux.MountFlags;
import org.dolium.process.LaunchException;
import org.dolium.testing.Canary;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows I-07 and I-08 of the security matrix: directories that an image wants to have, and where its links lead them.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class ImageRootSecurityTest extends SecurityRows {
    private static final Arg ANYWHERE = MountFlags.openHow(0x280000, "O_PATH|O_CLOEXEC", 0, "0");

    /// The container, whose root's files belong to an id that it has.
    private ContainerBuilder image(Mode mode, String script) throws Exception {
        if (mode == Mode.RU) {
            assertThat(new ProcessBuilder("chown", "-hR", "100000:100000", root.toString()).start().waitFor()).isZero();
        }
        return tiny(mode, script).rootfs(Rootfs.overlay(root));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void I_07_a_volume_never_is_what_the_kernel_has_and_never_leads_up(Mode mode) throws Exception {
        for (String volume : new String[] {
            "/../../canary", "/a/../../canary", "/proc", "/proc/sys", "/sys", "/sys/fs/cgroup", "/dev", "/dev/shm", "/", "", "a", "/a//b",
            "/./a", "/a/", "/a\0b"
        }) {
            ContainerBuilder builder = image(mode, "true").volume(volume);
            assertThatThrownBy(builder::build).as(volume)
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("'" + volume.replace('\0', '?') + "'");
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void I_07_a_volume_that_links_to_the_host_stays_inside(Mode mode) throws Exception {
        Path inside = Files.createDirectories(root.resolve(canary.directory().toString().substring(1)));
        Files.writeString(inside.resolve("inside"), "");
        Files.createSymbolicLink(root.resolve("a"), canary.directory());
        Files.createSymbolicLink(root.resolve("b"), Path.of("../../../../.." + canary.directory()));
        for (boolean sealed : new boolean[] {false, true}) {
            Rootfs.Overlay overlay = Rootfs.overlay(root);
            ContainerBuilder builder = image(mode, "ls /a/ /b/ /a/deep; cat /a/file; touch /a/deep/x /b/x; ls /a /a/deep")
                    .rootfs(sealed ? overlay.asReadOnly() : overlay).volume("/a").volume("/b").volume("/a/deep");
            assertThat(output(builder)).contains("inside", "x\n", "cat: can't open '/a/file'").doesNotContain("hard", Canary.SECRET);
        }
        assertThat(inside.toFile().list()).containsExactly("inside");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void I_07_a_volume_through_a_magic_link_is_refused(Mode mode) throws Exception {
        Files.createSymbolicLink(root.resolve("a"), Path.of("/proc/1/root"));
        for (Rootfs.Overlay overlay : new Rootfs.Overlay[] {Rootfs.overlay(root), Rootfs.overlay(root).asReadOnly()}) {
            assertThatThrownBy(() -> image(mode, "true").rootfs(overlay).volume("/a/volume").run(LIMIT))
                    .isInstanceOf(LaunchException.class).hasMessageContaining("openat2(");
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void I_07_without_the_control_a_volume_leaves_the_root(Mode mode) throws Exception {
        Files.createSymbolicLink(root.resolve("a"), canary.directory());
        Files.createDirectories(root.resolve(canary.directory().toString().substring(1)));
        ContainerBuilder builder = image(mode, "touch /a/x && echo inside").rootfs(Rootfs.overlay(root).asReadOnly()).volume("/a");
        assertThat(output(builder)).isEqualTo("inside\n");
        assertThat(output(Variant.withArgument(builder, "openat2\\([^,]*, \"a\".*", 2, ANYWHERE)))
                .as("it was mounted over the host's directory, in the container's mount namespace").contains("Read-only file system");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void V_08_a_volume_keeps_the_owner_the_mode_and_the_content_that_the_image_gave_it(Mode mode) throws Exception {
        Path there = Files.createDirectory(root.resolve("there"));
        Files.writeString(there.resolve("content"), "");
        Files.setPosixFilePermissions(there, PosixFilePermissions.fromString("rwxr-x--x"));
        String script = "stat -c %u:%g:%a /there; ls /there";
        String without = output(image(mode, script));
        assertThat(without).endsWith(":751\ncontent\n");
        for (boolean sealed : new boolean[] {false, true}) {
            Rootfs.Overlay overlay = Rootfs.overlay(root);
            ContainerBuilder builder = image(mode, script).rootfs(sealed ? overlay.asReadOnly() : overlay);
            assertThat(output(builder.volume("/there"))).isEqualTo(without);
        }
    }

    /// Other users than the JVM's may not enter the directory that the upper layer is in.
    static List<Mode> modesWithAnUpperDirectory() {
        return modes().stream().filter(mode -> mode != Mode.RU).toList();
    }

    @ParameterizedTest
    @MethodSource("modesWithAnUpperDirectory")
    void V_08_the_removal_of_a_volume_follows_no_link_in_it(Mode mode) throws Exception {
        Path parent = Files.createDirectory(directory.resolve("uppers"));
        String there = canary.directory().toString();
        String script = "mkdir /v/a && ln -s " + there + " /v/link && ln -s " + there + " /v/a/link && ln /v/a/link /v/hard && echo made";
        try (Container container = image(mode, script + "; read x").rootfs(Rootfs.overlay(root).upperOnDisk(parent)).volume("/v").start()) {
            assertThat(container.process().inputReader().readLine()).isEqualTo("made");
            try (Stream<Path> made = Files.list(parent)) {
                assertThat(made).as("control: what follows links gets there").allMatch(path -> Files.exists(path.resolve("upper/v/link/file")));
            }
        }
        assertThat(parent).isEmptyDirectory();
        canary.check();
    }

    @ParameterizedTest
    @MethodSource("modes")
    void I_08_a_working_directory_that_links_to_the_host_is_made_inside(Mode mode) throws Exception {
        String[] links = {canary.directory().toString(), "../../../../../../.." + canary.directory()};
        for (int i = 0; i < links.length; i++) {
            Files.createSymbolicLink(root.resolve("link" + i), Path.of(links[i]));
            String work = "/link" + i + "/made/deep";
            assertThatThrownBy(() -> output(image(mode, "pwd").workingDirectory(work).makeWorkingDirectory()))
                    .as("a link that leads nowhere").isInstanceOf(LaunchException.class).hasMessageContaining("ENOENT");
        }
        Path inside = Files.createDirectories(root.resolve(canary.directory().toString().substring(1)));
        for (int i = 0; i < links.length; i++) {
            String work = "/link" + i + "/made/deep";
            assertThat(output(image(mode, "pwd -P; ls -d " + canary.directory() + "/*").workingDirectory(work).makeWorkingDirectory()))
                    .isEqualTo(canary.directory() + "/made/deep\n" + canary.directory() + "/made\n");
        }
        assertThat(inside).isEmptyDirectory();
    }

    @ParameterizedTest
    @MethodSource("modes")
    void I_08_what_is_there_keeps_its_owner_and_its_mode(Mode mode) throws Exception {
        Path there = Files.createDirectory(root.resolve("there"));
        Files.setPosixFilePermissions(there, PosixFilePermissions.fromString("rwxr-x--x"));
        String owner = output(image(mode, "stat -c %u:%g:%a /there").user("alice"));
        String made = output(image(mode, "stat -c %u:%g:%a /there").user("alice").workingDirectory("/there/new").makeWorkingDirectory());
        assertThat(made).isEqualTo(owner);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void I_08_without_the_control_it_is_made_on_the_host(Mode mode) throws Exception {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Files.setPosixFilePermissions(outside, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.createDirectories(root.resolve(outside.toString().substring(1)));
        Files.createSymbolicLink(root.resolve("link"), outside);
        ContainerBuilder builder = image(mode, "true").workingDirectory("/link/made").makeWorkingDirectory();
        assertThat(output(builder)).isEmpty();
        assertThat(outside).isEmptyDirectory();
        ContainerSpec weak = Variant.withArgument(builder, "openat2\\([^,]*, \"link\".*", 2, ANYWHERE);
        assertThatThrownBy(() -> output(weak)).isInstanceOf(LaunchException.class).hasMessageContaining("chdir(");
        assertThat(outside.resolve("made")).isDirectory();
    }
}
