// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dolium.oci.pack.PackPolicy.Kind;
import org.dolium.oci.unpack.LayerUnpack;
import org.dolium.oci.unpack.Owners;
import org.dolium.testing.Canary;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.ProcessStatus;
import org.dolium.testing.Racer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A container that changes its upper directory while that is read, in order to have files of the host in an image or changed.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class PackSecurityTest {
    private static final boolean ROOT = ProcessStatus.self().effectiveUid() == 0;
    private static final PackPolicy POLICY =
            PackPolicy.of(ROOT ? Kind.OVERLAY : Kind.USER_OVERLAY, ROOT ? new Owners.Kept() : new Owners.Squashed());

    @TempDir
    Path directory;

    private Canary canary;
    private Path upper;

    @BeforeEach
    void make() throws IOException {
        canary = Canary.make(Files.createDirectory(directory.resolve("canary")));
        upper = Files.createDirectory(directory.resolve("upper"));
        Files.createDirectory(upper.resolve("d"));
        Files.writeString(upper.resolve("d/file"), "harmless");
        Files.createSymbolicLink(upper.resolve("link"), canary.directory());
        Files.writeString(upper.resolve("plain"), "harmless");
        Files.createSymbolicLink(upper.resolve("other"), canary.directory().resolve("file"));
    }

    @AfterEach
    void remove() throws IOException {
        LayerUnpack.remove(upper);
    }

    private String export() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LayerPack.export(List.of(upper), POLICY, out);
        return out.toString(StandardCharsets.ISO_8859_1);
    }

    private String layer() throws IOException {
        try (PackedLayer layer = LayerPack.changes(upper, POLICY, LayerCompression.NONE, false, directory)) {
            return new String(layer.open().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private interface Reading {
        String read() throws IOException;
    }

    /// Whether the secret was ever read while the names are exchanged. It is an error, and no secret, if a name is not what it was.
    ///
    /// @param wanted whether it is a control, which goes on until it was
    private boolean leaks(boolean wanted, String one, String other, Reading reading) throws IOException {
        boolean leaked = false;
        int read = 0;
        try (Racer racer = Racer.of(upper.resolve(one), upper.resolve(other))) {
            long start = System.nanoTime();
            while (!leaked && Racer.goesOn(start, 1, !wanted && read > 0 && racer.flips() > 100)) {
                try {
                    leaked = reading.read().contains(Canary.SECRET);
                    read++;
                } catch (IOException e) {
                    assertThat(e.toString()).doesNotContain(Canary.SECRET);
                }
            }
            assertThat(leaked || racer.flips() > 100).as(racer.flips() + " exchanges").isTrue(); // a leak may be seen at once
        }
        assertThat(read).isPositive();
        return leaked;
    }

    @Test
    void V_05_a_directory_that_becomes_a_link_shows_nothing_of_the_host() throws Exception {
        assertThat(leaks(false, "d", "link", this::layer)).isFalse();
        assertThat(leaks(false, "d", "link", this::export)).isFalse();
        canary.check();
    }

    @Test
    void V_05_a_file_that_becomes_a_link_shows_nothing_of_the_host() throws Exception {
        assertThat(leaks(false, "plain", "other", this::layer)).isFalse();
        assertThat(leaks(false, "plain", "other", this::export)).isFalse();
        canary.check();
    }

    @Test
    void V_05_changes_show_no_names_of_the_host() throws Exception {
        Path lower = Files.createDirectory(directory.resolve("lower"));
        Files.createDirectory(lower.resolve("d"));
        assertThat(leaks(false, "d", "link", () -> {
            String changes = TreeChanges.of(upper, List.of(lower), POLICY.kind()).toString();
            return changes.contains("/hard") || changes.contains("/directory") ? Canary.SECRET : "";
        })).isFalse();
    }

    /// A plain user makes readable what it can't read: only the tree's own.
    @Test
    void V_05_permissions_of_the_host_stay_what_they_are() throws Exception {
        Path locked = Files.createDirectory(canary.directory().resolve("directory/locked"));
        Files.setPosixFilePermissions(locked, java.util.Set.of());
        try {
            var before = Files.getAttribute(locked, "unix:ctime");
            Files.delete(upper.resolve("link"));
            Files.createSymbolicLink(upper.resolve("link"), locked);
            Files.setPosixFilePermissions(upper.resolve("d"), java.util.Set.of());
            leaks(false, "d", "link", this::layer);
            assertThat(Files.getAttribute(locked, "unix:ctime")).isEqualTo(before);
        } finally {
            Files.setPosixFilePermissions(locked, java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void V_05_without_the_control_files_of_the_host_are_read() throws Exception {
        assertThat(leaks(true, "d", "link", () -> Files.readString(upper.resolve("d/file")))).isTrue();
        assertThat(leaks(true, "plain", "other", () -> Files.readString(upper.resolve("plain")))).isTrue();
    }

    @Test
    void V_05_a_root_that_is_a_link_is_refused() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("root"), canary.directory());
        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> LayerPack.export(List.of(link), POLICY, new ByteArrayOutputStream()))
                .isInstanceOf(IOException.class);
        Files.delete(link);
    }
}
