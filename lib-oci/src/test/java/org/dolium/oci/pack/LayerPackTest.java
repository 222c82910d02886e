// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.dolium.oci.image.Digest;
import org.dolium.oci.pack.PackPolicy.Kind;
import org.dolium.oci.unpack.LayerEntry;
import org.dolium.oci.unpack.LayerLimits;
import org.dolium.oci.unpack.LayerPolicy;
import org.dolium.oci.unpack.LayerPolicy.Removals;
import org.dolium.oci.unpack.LayerReader;
import org.dolium.oci.unpack.LayerUnpack;
import org.dolium.oci.unpack.Owners;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.ProcessStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Trees become layers, and layers the same trees again.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class LayerPackTest {
    private static final boolean ROOT = ProcessStatus.self().effectiveUid() == 0;
    private static final Owners OWNERS = ROOT ? new Owners.Kept() : new Owners.Squashed();
    private static final Kind OVERLAY = ROOT ? Kind.OVERLAY : Kind.USER_OVERLAY;

    @TempDir
    Path directory;

    private final List<Path> trees = new ArrayList<>();

    @AfterEach
    void remove() throws IOException {
        for (Path tree : trees) {
            LayerUnpack.remove(tree);
        }
    }

    private Path tree(String name) throws IOException {
        Path tree = Files.createDirectory(directory.resolve(name));
        trees.add(tree);
        return tree;
    }

    private PackedLayer changes(Path tree, LayerCompression compression) throws IOException {
        return LayerPack.changes(tree, PackPolicy.of(OVERLAY, OWNERS), compression, false, directory);
    }

    private Path unpacked(PackedLayer layer, String name, Removals removals) throws IOException {
        Path target = directory.resolve(name);
        trees.add(target);
        LayerPolicy policy = LayerPolicy.of(removals, OWNERS);
        LayerUnpack.create(layer.open(), layer.diffId(), LayerLimits.standard(), target, ROOT ? policy.withDevices() : policy);
        return target;
    }

    private static List<LayerEntry> entries(PackedLayer layer) throws IOException {
        List<LayerEntry> entries = new ArrayList<>();
        try (LayerReader reader = LayerReader.open(layer.open(), layer.diffId(), LayerLimits.standard())) {
            for (LayerEntry entry = reader.next(); entry != null; entry = reader.next()) {
                entries.add(entry);
            }
        }
        return entries;
    }

    private static List<String> lines(PackedLayer layer) throws IOException {
        return entries(layer).stream()
                .map(entry -> entry.getClass().getSimpleName() + " " + new String(entry.path().bytes(), StandardCharsets.ISO_8859_1))
                .toList();
    }

    @Test
    void a_random_upper_directory_is_the_same_after_it_was_a_layer() throws Exception {
        for (int seed = 1; seed <= 30; seed++) {
            Path upper = tree("upper" + seed);
            PythonTree.make(upper, seed, "upper");
            List<String> before = PythonTree.see(upper);
            try (PackedLayer layer = changes(upper, LayerCompression.values()[seed % 3]);
                    PackedLayer again = changes(upper, LayerCompression.values()[seed % 3])) {
                assertThat(again.descriptor()).isEqualTo(layer.descriptor());
                PythonTree.assertSame(PythonTree.see(upper), before, "what was read");
                Path target = unpacked(layer, "target" + seed, ROOT ? Removals.OVERLAY : Removals.USER_OVERLAY);
                PythonTree.assertSame(PythonTree.see(target), before, "seed " + seed);
            }
        }
    }

    @Test
    void removals_come_before_what_is_there() throws Exception {
        Path upper = tree("upper");
        Files.createDirectories(upper.resolve("d"));
        Files.writeString(upper.resolve("a"), "a");
        Files.writeString(upper.resolve("d/x"), "x");
        String attribute = ROOT ? "trusted.overlay.opaque" : "user.overlay.opaque";
        PythonTree.python("import os,sys; r,a=sys.argv[1:]; os.mknod(r+'/z', 0o020000, 0); os.mknod(r+'/d/gone', 0o020000, 0);"
                + " os.setxattr(r+'/d', a, b'y')", upper.toString(), attribute);
        try (PackedLayer layer = changes(upper, LayerCompression.GZIP)) {
            assertThat(lines(layer)).containsExactly(
                    "Whiteout z", "File a", "Directory d", "OpaqueMarker d", "Whiteout d/gone", "File d/x");
            assertThat(layer.report().removals()).isEqualTo(3);
            assertThat(layer.report().entries()).isEqualTo(6);
        }
    }

    @Test
    void the_longest_name_can_be_removed() throws Exception {
        Path upper = tree("upper");
        PythonTree.python("import os,sys; os.mknod(sys.argv[1] + '/' + 'n' * 255, 0o020000, 0)", upper.toString());
        try (PackedLayer layer = changes(upper, LayerCompression.NONE)) {
            assertThat(lines(layer)).containsExactly("Whiteout " + "n".repeat(255));
        }
    }

    @Test
    void stacked_layers_are_exported_as_overlayfs_shows_them() throws Exception {
        List<Path> layers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Path layer = tree("layer" + i);
            layers.add(layer);
            Files.createDirectories(layer.resolve("both"));
            Files.writeString(layer.resolve("both/of" + i), "" + i);
            Files.writeString(layer.resolve("same"), "" + i);
            Files.createDirectories(layer.resolve("opaque"));
            Files.writeString(layer.resolve("opaque/of" + i), "" + i);
        }
        Files.writeString(layers.get(2).resolve("gone"), "");
        Files.writeString(layers.get(1).resolve("opaque/gone"), "");
        Files.createDirectory(layers.get(2).resolve("file"));
        Files.writeString(layers.get(0).resolve("file"), "now a file");
        String attribute = ROOT ? "trusted.overlay.opaque" : "user.overlay.opaque";
        PythonTree.python("import os,sys; a,b,x=sys.argv[1:]; os.mknod(b+'/gone', 0o020000, 0); os.mknod(a+'/opaque/gone', 0o020000, 0);"
                + " os.setxattr(b+'/opaque', x, b'y')", layers.get(0).toString(), layers.get(1).toString(), attribute);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LayerPack.export(layers, PackPolicy.of(OVERLAY, OWNERS), out);
        Path archive = Files.write(directory.resolve("archive.tar"), out.toByteArray());
        assertThat(PythonTree.run(MustRun.program("tar"), "-tf", archive.toString()).lines()).containsExactly(
                "./", "both/", "both/of0", "both/of1", "both/of2", "file", "opaque/", "opaque/of0", "opaque/of1", "same");
        assertThat(PythonTree.run(MustRun.program("tar"), "-xOf", archive.toString(), "same")).isEqualTo("0");
    }

    @Test
    void times_are_no_later_than_asked_for() throws Exception {
        Path upper = tree("upper");
        Files.writeString(upper.resolve("old"), "");
        Files.writeString(upper.resolve("new"), "");
        Files.setLastModifiedTime(upper.resolve("old"), FileTime.from(Instant.parse("2001-01-01T00:00:00.5Z")));
        Instant latest = Instant.parse("2010-01-01T00:00:00Z");
        List<Digest> diffIds = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Files.setLastModifiedTime(upper.resolve("new"), FileTime.from(Instant.parse("202" + i + "-01-01T00:00:00Z")));
            try (PackedLayer layer = LayerPack.changes(
                    upper, PackPolicy.of(OVERLAY, OWNERS).withLatest(latest), LayerCompression.NONE, false, directory)) {
                diffIds.add(layer.diffId());
                List<Long> seconds = entries(layer).stream().map(entry -> ((LayerEntry.File) entry).metadata().seconds()).toList();
                assertThat(seconds).containsExactly(latest.getEpochSecond(), Instant.parse("2001-01-01T00:00:00Z").getEpochSecond());
                assertThat(((LayerEntry.File) entries(layer).get(1)).metadata().nanos()).isEqualTo(500_000_000);
            }
        }
        assertThat(diffIds.get(0)).isEqualTo(diffIds.get(1));
    }

    @ParameterizedTest
    @EnumSource(LayerCompression.class)
    void holes_are_neither_read_nor_written(LayerCompression compression) throws Exception {
        Path upper = tree("upper");
        try (RandomAccessFile file = new RandomAccessFile(upper.resolve("sparse").toFile(), "rw")) {
            file.setLength(1L << 40);
            file.seek(1L << 39);
            file.write("middle".getBytes(StandardCharsets.US_ASCII));
        }
        try (PackedLayer layer = LayerPack.changes(upper, PackPolicy.of(OVERLAY, OWNERS)
                .withLimits(LayerLimits.standard().withBytes(1L << 41)), compression, false, directory)) {
            assertThat(layer.descriptor().size()).isLessThan(20_000);
            try (LayerReader reader = LayerReader.open(layer.open(), layer.diffId(), LayerLimits.standard().withBytes(1L << 41))) {
                LayerEntry.File file = (LayerEntry.File) reader.next();
                assertThat(file.size()).isEqualTo(1L << 40);
                assertThat(file.extents().get(0).offset()).isEqualTo(1L << 39);
            }
        }
    }

    @Test
    void sockets_are_left_out_and_counted() throws Exception {
        Path upper = tree("upper");
        PythonTree.python("import socket,sys,os; os.chdir(sys.argv[1]); socket.socket(socket.AF_UNIX).bind('s')", upper.toString());
        try (PackedLayer layer = changes(upper, LayerCompression.NONE)) {
            assertThat(lines(layer)).isEmpty();
            assertThat(layer.report().skippedSockets()).isEqualTo(1);
        }
    }

    @Test
    void what_is_partly_in_a_lower_layer_is_refused() throws Exception {
        for (String attribute : List.of("redirect", "metacopy", "whiteout", "verity")) {
            Path upper = tree("upper" + attribute);
            Files.writeString(upper.resolve("f"), "");
            PythonTree.python("import os,sys; os.setxattr(sys.argv[1], sys.argv[2], b'/etc')", upper.resolve("f").toString(),
                    (ROOT ? "trusted" : "user") + ".overlay." + attribute);
            assertThatThrownBy(() -> changes(upper, LayerCompression.NONE)).isInstanceOf(PackException.class)
                    .hasMessageContaining("\"f\": it has the attribute").hasMessageContaining(attribute);
        }
    }

    @Test
    void names_that_mean_removals_are_refused_in_layers() throws Exception {
        Path upper = tree("upper");
        Files.createDirectory(upper.resolve("d"));
        Files.writeString(upper.resolve("d/.wh.passwd"), "");
        assertThatThrownBy(() -> changes(upper, LayerCompression.NONE)).isInstanceOf(PackException.class)
                .hasMessageContaining("\"d/.wh.passwd\": its name begins with .wh.");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(LayerPack.export(List.of(upper), PackPolicy.of(OVERLAY, OWNERS), out).entries()).isEqualTo(3);
    }

    @Test
    void limits_are_those_within_which_layers_are_read() throws Exception {
        Path upper = tree("upper");
        for (int i = 0; i < 20; i++) {
            Files.writeString(upper.resolve("f" + i), "0123456789");
        }
        Path deep = upper;
        for (int i = 0; i < 20; i++) {
            deep = Files.createDirectory(deep.resolve("d"));
        }
        PackPolicy policy = PackPolicy.of(OVERLAY, OWNERS);
        for (LayerLimits limits : List.of(LayerLimits.standard().withEntries(10), LayerLimits.standard().withBytes(100),
                LayerLimits.standard().withDepth(10))) {
            assertThatThrownBy(() -> LayerPack.changes(upper, policy.withLimits(limits), LayerCompression.NONE, false, directory))
                    .isInstanceOf(PackException.class).hasMessageContaining("more than 10");
        }
        try (var names = Files.list(directory)) {
            assertThat(names).containsExactly(upper);
        }
    }

}
