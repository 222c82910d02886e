// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.dolium.linux.Arg;
import org.dolium.linux.MountFlags;
import org.dolium.process.LaunchException;
import org.dolium.testing.Canary;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.Racer;
import org.dolium.testing.Slow;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows P-02, P-03 and O-06 of the security matrix: somebody who shares a volume or a directory with the container exchanges
/// parts of paths while it is started, or takes names before it is.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class RaceSecurityTest extends SecurityRows {
    private static final int LEAST_FLIPS = 1000;
    private static final Arg ANYWHERE = MountFlags.openHow(0x280000, "O_PATH|O_CLOEXEC", 0, "0");

    /// A volume in which `a` is a directory or a link to a place of the host, at any time.
    private Path volume(Path outside) throws Exception {
        Path volume = open(Files.createDirectory(directory.resolve("volume")));
        open(Files.createDirectories(volume.resolve("a/b")));
        open(volume.resolve("a"));
        Files.createSymbolicLink(volume.resolve("evil"), outside);
        return volume;
    }

    /// Everybody may do everything there, also the container's root that is another user of the host.
    private static Path open(Path place) throws Exception {
        return Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    record Outcome(int started, int refused, Duration longest) {}

    /// What a race must have had.
    private interface Enough {
        boolean of(int started, int refused) throws Exception;
    }

    private static Outcome startWhileRacing(ContainerSpec spec, Path volume, Enough enough) throws Exception {
        int started = 0;
        int refused = 0;
        long longest = 0;
        try (Racer racer = Racer.of(volume.resolve("a"), volume.resolve("evil"))) {
            long begun = System.nanoTime();
            while (Racer.goesOn(begun, 1, enough.of(started, refused) && racer.flips() > LEAST_FLIPS)) {
                long start = System.nanoTime();
                try {
                    Result result = spec.run(LIMIT);
                    assertThat(result.stdout() + result.stderr()).doesNotContain(Canary.SECRET);
                    started++;
                } catch (LaunchException e) {
                    refused++;
                }
                longest = Math.max(longest, System.nanoTime() - start);
            }
            assertThat(racer.flips()).isGreaterThan(LEAST_FLIPS);
        }
        return new Outcome(started, refused, Duration.ofNanos(longest));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_02_a_mount_target_that_is_exchanged_stays_inside(Mode mode) throws Exception {
        Canary watched = Canary.make(open(Files.createDirectory(directory.resolve("watched"))));
        Path volume = volume(watched.directory());
        ContainerSpec spec = tiny(mode, "cat /mnt/a/b/file; cat /mnt/a/file; touch /mnt/a/b/here").bind(volume, "/mnt")
                .tmpfs("/mnt/a/b").bindReadOnly(directory.resolve("root/etc"), "/mnt/a/c").build();
        Outcome outcome = startWhileRacing(spec, volume, (started, refused) -> started > 0 && refused > 0);
        assertThat(outcome.started()).isPositive();
        assertThat(outcome.refused()).isPositive(); // the link leads nowhere inside
        watched.check();
    }

    /// The same start, resolving its paths as anybody else does: directories appear on the host.
    @ParameterizedTest
    @MethodSource("modes")
    void P_02_without_the_control_something_is_made_on_the_host(Mode mode) throws Exception {
        Path outside = open(Files.createDirectory(directory.resolve("outside")));
        Path volume = volume(outside);
        ContainerBuilder builder = tiny(mode, "true").bind(volume, "/mnt").tmpfs("/mnt/a/b/c");
        ContainerSpec weak = Variant.withArgument(builder, "openat2\\([^,]*, \"mnt/a.*", 2, ANYWHERE);
        startWhileRacing(weak, volume, (started, refused) -> !isEmpty(outside));
        assertThat(outside).isNotEmptyDirectory();
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            return !entries.iterator().hasNext();
        }
    }

    /// A path that goes up again is what renames disturb most: the kernel gives up with EAGAIN.
    @ParameterizedTest
    @MethodSource("modes")
    void P_03_a_storm_of_renames_does_not_keep_a_start_from_ending(Mode mode) throws Exception {
        Path volume = volume(Path.of("a/../a"));
        Files.createSymbolicLink(volume.resolve("up"), Path.of("a/b/../../a/b/../b"));
        ContainerSpec spec = tiny(mode, "true").bind(volume, "/mnt").tmpfs("/mnt/up").build();
        Outcome outcome = startWhileRacing(spec, volume, (started, refused) -> started + refused > 20);
        assertThat(outcome.started() + outcome.refused()).isGreaterThan(20);
        assertThat(outcome.longest()).isLessThan(Slow.seconds(20));
    }

    /// What a container sees of a source on the host that another user exchanges for a link, and how often it was refused.
    private static String seenWhileRacing(ContainerSpec spec, Path base) throws Exception {
        StringBuilder seen = new StringBuilder();
        int refused = 0;
        try (Racer racer = Racer.of(base.resolve("sub"), base.resolve("evil"))) {
            long start = System.nanoTime();
            while (seen.indexOf(Canary.SECRET) < 0 && Racer.goesOn(start, 1, refused > 0 && !seen.isEmpty() && racer.flips() > 0)) {
                try {
                    seen.append(output(spec));
                } catch (LaunchException e) {
                    assertThat(e).hasMessageContaining("\"sub/b\"").hasMessageContaining("ELOOP");
                    refused++;
                }
            }
            assertThat(racer.flips()).isPositive();
        }
        return seen.append("refused ").append(refused > 0).toString();
    }

    private Path exchanged() throws Exception {
        Path base = open(Files.createDirectory(directory.resolve("base")));
        Files.createDirectories(base.resolve("sub/b"));
        Files.writeString(base.resolve("sub/b/file"), "mine\n");
        Path outside = Files.createDirectories(directory.resolve("outside/b"));
        Files.writeString(outside.resolve("file"), Canary.SECRET + "\n");
        Files.createSymbolicLink(base.resolve("evil"), outside.getParent());
        return base;
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_17_a_source_that_is_exchanged_is_the_original_or_refused(Mode mode) throws Exception {
        Path base = exchanged();
        String seen = seenWhileRacing(tiny(mode, "cat /mnt/file").mount(Bind.below(base, "sub/b", "/mnt")).build(), base);
        assertThat(seen).contains("mine\n").endsWith("refused true").doesNotContain(Canary.SECRET);
    }

    /// A source that is named as a whole is what it leads to at the start.
    @ParameterizedTest
    @MethodSource("modes")
    void P_17_without_the_control_it_is_anything(Mode mode) throws Exception {
        Path base = exchanged();
        assertThat(seenWhileRacing(tiny(mode, "cat /mnt/file").bind(base.resolve("sub/b"), "/mnt").build(), base))
                .contains(Canary.SECRET);
    }

    @Test
    void P_17_a_source_stays_below_its_directory() throws Exception {
        for (String path : new String[] {"", "..", "../x", "/etc", "a/../../x", "a//b", "./a", "a/"}) {
            assertThatThrownBy(() -> Bind.below(directory, path, "/mnt")).as(path).isInstanceOf(IllegalArgumentException.class);
        }
        Files.createSymbolicLink(directory.resolve("link"), canary.directory());
        Mode mode = modes().get(0);
        assertThatThrownBy(() -> tiny(mode, "true").mount(Bind.below(directory, "link", "/mnt")).run(LIMIT))
                .isInstanceOf(LaunchException.class).hasMessageContaining("ELOOP");
        assertThat(output(tiny(mode, "ls /mnt").mount(Bind.below(directory, "root/etc", "/mnt").readOnly()))).contains("passwd");
    }

    /// The image's /proc is exchanged for a link to files that look like those of /proc, while a parameter is written.
    @ParameterizedTest
    @MethodSource("modes")
    void P_06_parameters_are_set_in_every_container_whose_proc_is_exchanged_meanwhile(Mode mode) throws Exception {
        Path trap = Files.createDirectories(root.resolve("fake/sys/net/ipv4")).resolve("ip_forward");
        Files.setPosixFilePermissions(Files.writeString(trap, "trap"), PosixFilePermissions.fromString("rw-rw-rw-"));
        Files.createSymbolicLink(root.resolve("evil"), Path.of("/fake"));
        String look = "for i in $(seq 1000); do for p in /proc /evil; do v=$(cat $p/sys/net/ipv4/ip_forward 2>/dev/null);"
                + " [ \"$v\" = 1 ] && exit 0; done; done; exit 1";
        ContainerSpec spec = tiny(mode, look).sysctl("net.ipv4.ip_forward", "1").build();
        int started = 0;
        try (Racer racer = Racer.of(root.resolve("proc"), root.resolve("evil"))) {
            long start = System.nanoTime();
            while (Racer.goesOn(start, 1, started > 0 && racer.flips() > LEAST_FLIPS)) {
                try {
                    assertThat(spec.run(LIMIT).status().success()).isTrue();
                    started++;
                } catch (LaunchException e) {
                    assertThat(e).hasMessageContaining("\"proc\"");
                }
            }
            assertThat(racer.flips()).isGreaterThan(LEAST_FLIPS);
        }
        assertThat(started).isPositive();
        assertThat(trap).hasContent("trap");
    }

    /// In a directory where everybody may make files, as /tmp, nobody knows beforehand what a layer will be called.
    @Test
    void O_06_directories_of_layers_have_names_that_nobody_can_take_before() throws Exception {
        Mode mode = modes().get(0);
        Path shared = open(Files.createDirectory(directory.resolve("shared")));
        ContainerSpec spec = mode.apply(ContainerBuilder.create().rootfs(Rootfs.overlay(root).upperOnDisk(shared)).command("cat"))
                .build();
        List<Path> made = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            try (Container container = spec.start();
                    DirectoryStream<Path> now = Files.newDirectoryStream(shared)) {
                now.forEach(made::add);
                assertThat(container.isAlive()).isTrue();
            }
        }
        assertThat(made).hasSize(5).doesNotHaveDuplicates().allMatch(path -> path.toString().matches(".*[0-9]{10,}.*"));
        assertThat(shared).isEmptyDirectory();
    }
}
