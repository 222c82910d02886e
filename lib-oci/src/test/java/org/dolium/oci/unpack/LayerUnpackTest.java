// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.dolium.linux.Errno;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.MediaTypes;
import org.dolium.oci.unpack.LayerPolicy.Removals;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.PlainUser;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("kernel")
@ExtendWith(LeakCheck.class)
class LayerUnpackTest {
    @TempDir
    Path directory;

    private Path root;

    @BeforeEach
    void make() throws IOException {
        root = Files.createDirectory(directory.resolve("root"));
    }

    private static int mode(Path path) throws IOException {
        return (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 07777;
    }

    private static long time(Path path) throws IOException {
        return Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS).toMillis() / 1000;
    }

    private TreeSet<String> names() throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            TreeSet<String> names = new TreeSet<>();
            all.forEach(path -> names.add(root.relativize(path).toString()));
            names.remove("");
            return names;
        }
    }

    @Test
    void a_tree_has_what_its_layer_says() throws IOException {
        UnpackReport report = Layers.apply(new LayerText()
                .directory("./", 0750).directory("d", 0555).file("d/f", 04751, "hello").link("d/l", "../nothing")
                .hardLink("h", "d/f").node('6', "p", 0, 0).file("implied/x", "x"), root);
        assertThat(names()).containsExactly("d", "d/f", "d/l", "h", "implied", "implied/x", "p");
        assertThat(root.resolve("h")).hasContent("hello");
        assertThat(Files.readSymbolicLink(root.resolve("d/l"))).hasToString("../nothing");
        assertThat(Files.getAttribute(root.resolve("h"), "unix:ino")).isEqualTo(Files.getAttribute(root.resolve("d/f"), "unix:ino"));
        assertThat(List.of(mode(root), mode(root.resolve("d")), mode(root.resolve("h")), mode(root.resolve("p")),
                mode(root.resolve("implied")))).containsExactly(0750, 0555, 04751, 0644, 0755);
        for (String name : List.of("", "d", "d/f", "d/l", "p")) {
            assertThat(time(root.resolve(name))).as(name).isEqualTo(1_000_000_000);
        }
        assertThat(report).isEqualTo(new UnpackReport(7, 6, 0, java.util.Set.of(), report.implied()));
    }

    /// As umoci writes it; buildah and others refuse it.
    @ParameterizedTest
    @EnumSource(Removals.class)
    void what_was_in_a_directory_may_be_removed_below_the_file_that_replaces_it(Removals removals) throws IOException {
        boolean possible = removals != Removals.OVERLAY || Layers.isRoot(); // its attributes are root's
        LayerPolicy policy = LayerPolicy.of(possible ? removals : Removals.USER_OVERLAY, Layers.owners());
        Path directory = root.resolve("layer");
        if (removals == Removals.APPLIED) {
            Layers.create(new LayerText().file("d/a", "").file("d/e/b", ""), directory, policy);
            Layers.apply(new LayerText().file("d", "now").file("d/.wh.a", "").file("d/e/.wh.b", ""), directory);
        } else {
            Layers.create(new LayerText().file("d", "now").file("d/.wh.a", "").file("d/e/.wh.b", ""), directory, policy);
        }
        assertThat(names()).containsExactly("layer", "layer/d");
        assertThat(directory.resolve("d")).hasContent("now");
        Path linked = root.resolve("linked");
        Layers.create(new LayerText().link("d", "..").file("d/.wh.layer", "").file("d/e/.wh.b", ""), linked, policy);
        assertThat(Files.readSymbolicLink(linked.resolve("d"))).hasToString("..");
        assertThat(directory).exists();
        Path removed = root.resolve("removed");
        Layers.create(new LayerText().file(".wh.d", "").file("d/.wh.a", "").file("d/e/.wh.b", ""), removed, policy);
        if (removals == Removals.APPLIED) {
            assertThat(removed).isEmptyDirectory();
            Layers.apply(new LayerText().link("d", "../layer"), removed);
            assertThatThrownBy(() -> Layers.apply(new LayerText().file("d/.wh.a", ""), removed)) // an earlier layer's
                    .hasMessageContaining("which is a link or file");
        }
        assertThatThrownBy(() -> Layers.create(new LayerText().file("d", "").file("d/a", ""), root.resolve("below"), policy))
                .hasMessageContaining("which is a link or file");
    }

    @Test
    void a_hard_link_does_not_take_the_place_of_what_its_target_is_in() {
        assertThatThrownBy(() -> Layers.apply(new LayerText().directory("a").file("a/b", "").hardLink("a", "a/b"), root))
                .isInstanceOf(LayerException.class).hasMessageContaining("which is in what it replaces");
    }

    @Test
    void a_later_entry_replaces_an_earlier_one() throws IOException {
        Layers.apply(new LayerText().directory("a", 0).file("a/b/c", "1").file("a/b/c", "2").link("a/b/d", "c").file("a/b/d", "3")
                .file("x", "4").directory("x").file("x/y", "5").directory("z", 0700).file("z", "6"), root);
        assertThat(root.resolve("z")).hasContent("6");
        assertThat(root.resolve("x/y")).hasContent("5");
        if (Layers.isRoot()) {
            assertThat(root.resolve("a/b/d")).hasContent("3");
            assertThat(root.resolve("a/b/c")).hasContent("2");
        }
        assertThat(mode(root.resolve("a"))).isZero();
        Layers.apply(new LayerText().directory("a"), root);
        Layers.apply(new LayerText().file("a", "7").link("x", "a"), root);
        assertThat(names()).containsExactly("a", "x", "z");
    }

    @Test
    void a_directory_that_its_owner_may_not_change_is_changed_and_stays_so() throws IOException {
        Layers.apply(new LayerText().directory("./", 0555).directory("a", 0500).directory("a/b", 0).file("a/b/c", ""), root);
        Layers.apply(new LayerText().file("a/d", "").file("a/b/e", "").file("a/b/.wh.c", ""), root);
        assertThat(List.of(mode(root), mode(root.resolve("a")), mode(root.resolve("a/b")))).containsExactly(0555, 0500, 0);
        assertThat(root.resolve("a/d")).exists();
        LayerUnpack.remove(root);
        assertThat(root).doesNotExist();
    }

    @Test
    void attributes_of_a_directory_that_was_replaced_are_not_those_of_its_successor() throws IOException {
        Layers.apply(new LayerText().directory("a").directory("a/b", 0711).file("a", "").directory("a", 0750).file("a/b/c", ""), root);
        assertThat(mode(root.resolve("a"))).isEqualTo(0750);
        assertThat(mode(root.resolve("a/b"))).isEqualTo(0755);
    }

    @Test
    void removals_are_of_earlier_layers_only_whatever_comes_first() throws IOException {
        LayerText lower = new LayerText().file("a/old", "").file("b/old/x", "").file("c", "").file("d/e/old", "").file("d/old", "");
        for (boolean first : new boolean[] {true, false}) {
            LayerUnpack.remove(root);
            Files.createDirectory(root);
            Layers.apply(lower, root);
            LayerText upper = new LayerText();
            for (int i = 0; i < 2; i++) {
                if (first == (i == 0)) {
                    upper.file("a/.wh..wh..opq", "").file(".wh.b", "").file(".wh.c", "").file("d/.wh..wh..opq", "").file(".wh.none", "")
                            .file("none/.wh.none", "");
                } else {
                    upper.file("a/new", "").file("b/new", "").file("c", "new").file("d/e/new", "");
                }
            }
            Layers.apply(upper, root);
            assertThat(names()).as("removals first: " + first)
                    .containsExactly("a", "a/new", "b", "b/new", "c", "d", "d/e", "d/e/new");
            assertThat(root.resolve("c")).hasContent("new");
        }
    }

    @Test
    void removals_are_written_as_overlayfs_has_them() throws IOException {
        LayerPolicy policy = LayerPolicy.of(LayerPolicy.Removals.USER_OVERLAY, Layers.owners());
        Layers.apply(new LayerText().file(".wh.gone", "").directory("a").file("a/.wh..wh..opq", "").file("a/new", "")
                .file(".wh.b", "").directory("b").directory("c").file(".wh.c", "").file(".wh.d", "").file("d", "new")
                .file("e", "new").file(".wh.e", ""), root, policy);
        assertThat((int) Files.getAttribute(root.resolve("gone"), "unix:mode") & 0170000).isEqualTo(0020000);
        assertThat(Files.getAttribute(root.resolve("gone"), "unix:rdev")).isEqualTo(0L);
        for (String opaque : List.of("a", "b", "c")) {
            assertThat(Xattrs.list(root.resolve(opaque))).as(opaque).containsExactly("user.overlay.opaque");
        }
        assertThat(root.resolve("d")).hasContent("new");
        assertThat(root.resolve("e")).hasContent("new");
    }

    @Test
    void a_plain_user_owns_everything_and_who_should_is_written_down() throws IOException {
        LayerPolicy policy = LayerPolicy.of(LayerPolicy.Removals.APPLIED, new Owners.Squashed());
        Layers.apply(new LayerText().pax("uid=300", "gid=7").file("a", "").file("b", ""), root, policy);
        assertThat(Files.getOwner(root.resolve("a"))).isEqualTo(Files.getOwner(root.resolve("b")));
        assertThat(Xattrs.value(root.resolve("a"), "user.rootlesscontainers")).containsExactly(new int[] {8, 0xac, 2, 16, 7});
        assertThat(Xattrs.list(root.resolve("b"))).isEmpty();
    }

    @Test
    void holes_stay_holes() throws IOException {
        Layers.apply(new LayerText().pax("GNU.sparse.size=104857600", "GNU.sparse.numblocks=1", "GNU.sparse.map=1048576,5")
                .file("a", "hello"), root);
        assertThat(Files.size(root.resolve("a"))).isEqualTo(104857600);
        Process du = new ProcessBuilder("du", "-k", root.resolve("a").toString()).start();
        assertThat(Integer.parseInt(new String(du.getInputStream().readAllBytes()).split("\t")[0])).isLessThan(1000);
    }

    @Test
    void a_new_directory_is_there_only_if_all_of_its_layer_is_right() throws IOException {
        byte[] archive = new LayerText().directory("d", 0).file("d/e/f", "x".repeat(100_000)).file("g", "").bytes();
        Path tree = directory.resolve("tree");
        assertThatThrownBy(() -> LayerUnpack.create(Layers.blob(MediaTypes.OCI_LAYER, archive), Digest.of(new byte[0]),
                LayerLimits.standard(), tree, Layers.APPLIED)).isInstanceOf(WrongContentException.class).hasNoSuppressedExceptions();
        assertThat(tree).doesNotExist();
        byte[] cut = java.util.Arrays.copyOf(archive, 60_000);
        assertThatThrownBy(() -> LayerUnpack.create(Layers.blob(MediaTypes.OCI_LAYER, cut), Digest.of(cut), LayerLimits.standard(), tree,
                Layers.APPLIED)).isInstanceOf(LayerException.class).hasNoSuppressedExceptions();
        assertThat(tree).doesNotExist();
        LayerUnpack.create(Layers.blob(MediaTypes.OCI_LAYER, archive), Digest.of(archive), LayerLimits.standard(), tree, Layers.APPLIED);
        assertThat(mode(tree)).isEqualTo(0700);
        assertThat(tree.resolve("g")).exists();
        assertThatThrownBy(() -> LayerUnpack.create(Layers.blob(MediaTypes.OCI_LAYER, archive), Digest.of(archive),
                LayerLimits.standard(), tree, Layers.APPLIED)).hasMessageContaining("EEXIST");
        LayerUnpack.remove(tree);
        assertThat(tree).doesNotExist();
    }

    @Test
    void what_the_system_refuses_is_said_with_layer_and_entry() {
        LayerPolicy policy = LayerPolicy.of(LayerPolicy.Removals.APPLIED, new Owners.Kept());
        Path full = Path.of("/sys/kernel"); // where nobody makes files
        assertThatThrownBy(() -> Layers.apply(new LayerText().file("dolium", ""), full, policy))
                .isInstanceOfSatisfying(UnpackException.class, e ->
                        assertThat(e.errno()).isIn(Errno.EPERM, Errno.EACCES, Errno.EROFS))
                .hasMessageMatching("layer sha256:\\w{64}, \"dolium\": openat\\(\"dolium\"\\) = -1 E\\w+");
    }

    @TestFactory
    List<DynamicTest> as_a_plain_user() throws Exception {
        return Layers.isRoot() ? PlainUser.run(LayerUnpackTest.class) : List.of(dynamicTest("it is one", () -> {}));
    }
}
