// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.namespace.IdMaps;
import org.dolium.oci.pack.PackPolicy.Kind;
import org.dolium.oci.unpack.LayerEntry;
import org.dolium.oci.unpack.LayerLimits;
import org.dolium.oci.unpack.LayerReader;
import org.dolium.oci.unpack.LayerUnpack;
import org.dolium.oci.unpack.Owners;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Layers of what only root can make.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class RootLayerPackTest {
    @TempDir
    Path directory;

    private final List<Path> trees = new ArrayList<>();

    @BeforeEach
    void needsRoot() {
        MustRun.root();
    }

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

    private static List<LayerEntry> entries(PackedLayer layer) throws IOException {
        List<LayerEntry> entries = new ArrayList<>();
        try (LayerReader reader = LayerReader.open(layer.open(), layer.diffId(), LayerLimits.standard())) {
            for (LayerEntry entry = reader.next(); entry != null; entry = reader.next()) {
                entries.add(entry);
            }
        }
        return entries;
    }

    @Test
    void a_random_tree_is_the_same_for_gnu_tar() throws Exception {
        for (int seed = 100; seed < 112; seed++) {
            Path tree = tree("tree" + seed);
            PythonTree.make(tree, seed, "plain");
            Path archive = directory.resolve(seed + ".tar");
            try (var out = Files.newOutputStream(archive)) {
                LayerPack.export(List.of(tree), PackPolicy.of(Kind.PLAIN, new Owners.Kept()), out);
            }
            Path target = tree("gnu" + seed);
            PythonTree.run(MustRun.program("tar"), "--xattrs", "--xattrs-include=*", "--same-owner", "-p", "--numeric-owner", "-C",
                    target.toString(), "-xf", archive.toString());
            PythonTree.assertSame(PythonTree.see(target), PythonTree.see(tree), "seed " + seed);
        }
    }

    @Test
    void attributes_of_others_are_left_out_and_named() throws Exception {
        Path upper = tree("upper");
        Files.writeString(upper.resolve("f"), "");
        PythonTree.python("import os,sys; f=sys.argv[1]\nfor n in ('trusted.overlay.origin','trusted.x','user.overlay.opaque','user.a=b','user.y'):"
                + " os.setxattr(f, n, b'y')", upper.resolve("f").toString());
        try (PackedLayer layer = LayerPack.changes(upper, PackPolicy.of(Kind.OVERLAY, new Owners.Kept()), LayerCompression.NONE, false, directory)) {
            assertThat(((LayerEntry.File) entries(layer).get(0)).metadata().xattrs()).containsOnlyKeys("user.y");
            assertThat(layer.report().droppedXattrs()).containsExactly("trusted.x", "user.a=b", "user.overlay.opaque");
        }
    }

    @Test
    void owners_of_a_user_namespace_become_those_of_the_container() throws Exception {
        Path upper = tree("upper");
        Files.writeString(upper.resolve("f"), "");
        PythonTree.python("""
                import os,sys
                os.chown(sys.argv[1], 100033, 200034)
                os.setxattr(sys.argv[1], 'security.capability', bytes.fromhex('000000030020000000000000000000000000000' + '0a0860100'))
                """, upper.resolve("f").toString());
        Owners owners = new Owners.Mapped(IdMaps.parse("0:100000:65536"), IdMaps.parse("0:200000:65536"));
        try (PackedLayer layer = LayerPack.changes(upper, PackPolicy.of(Kind.OVERLAY, owners), LayerCompression.NONE, false, directory)) {
            var metadata = ((LayerEntry.File) entries(layer).get(0)).metadata();
            assertThat(metadata.uid()).isEqualTo(33);
            assertThat(metadata.gid()).isEqualTo(34);
            assertThat(metadata.xattrs().get("security.capability")).hasSize(20);
        }
        Owners others = new Owners.Mapped(IdMaps.parse("0:300000:65536"), IdMaps.parse("0:200000:65536"));
        assertThatThrownBy(() -> LayerPack.changes(upper, PackPolicy.of(Kind.OVERLAY, others), LayerCompression.NONE, false, directory))
                .hasMessageContaining("\"f\": its uid 100033 is none of the container");
    }
}
