// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.dolium.oci.unpack.LayerPolicy.Removals;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.PlainUser;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Removals mean what earlier layers have, wherever they are in the archive.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class RemovalOrderTest {
    private static final LayerText LOWER = new LayerText().directory("foo", 0700).file("foo/bar", "").directory("foo/in", 0711).file("foo/in/old", "")
            .directory("kept", 0700).pax("SCHILY.xattr.user.old=x").directory("kept/in", 0711).file("kept/in/old", "").file("kept/in/older", "")
            .directory("new", 0700).file("new/old", "").directory("hidden", 0700).directory("hidden/in", 0700).file("hidden/in/old", "");

    private static final List<UnaryOperator<LayerText>> CONTENT = List.of(
            layer -> layer.file("kept/in/x", "x"), layer -> layer.directory("new", 0750), layer -> layer.file("new/x", "x"),
            layer -> layer.file("hidden/in/x", "x"));

    private static final List<UnaryOperator<LayerText>> REMOVALS = List.of(
            layer -> layer.file("foo/.wh.bar", ""), layer -> layer.file("foo/in/.wh.old", ""), layer -> layer.file(".wh.foo", ""),
            layer -> layer.file("foo/in/.wh..wh..opq", ""), layer -> layer.file("kept/in/.wh.old", ""), layer -> layer.file("kept/.wh.in", ""),
            layer -> layer.file(".wh.new", ""), layer -> layer.file("new/.wh.old", ""), layer -> layer.file("hidden/in/.wh.old", ""),
            layer -> layer.file("hidden/.wh..wh..opq", ""), layer -> layer.file(".wh.none", ""));

    @TempDir
    Path directory;

    /// The removals in some order and at some places between what else is in the layer.
    private static LayerText shuffled(Random random) {
        List<UnaryOperator<LayerText>> removals = new ArrayList<>(REMOVALS);
        Collections.shuffle(removals, random);
        List<UnaryOperator<LayerText>> all = new ArrayList<>(CONTENT);
        for (UnaryOperator<LayerText> removal : removals) {
            all.add(random.nextInt(all.size() + 1), removal);
        }
        // what is in the layer stays in its order
        all.removeAll(CONTENT);
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < CONTENT.size(); i++) {
            places.add(random.nextInt(all.size() + 1));
        }
        Collections.sort(places);
        for (int i = 0; i < CONTENT.size(); i++) {
            all.add(places.get(i) + i, CONTENT.get(i));
        }
        LayerText layer = new LayerText().directory("./");
        all.forEach(part -> part.apply(layer));
        return layer;
    }

    private static List<String> tree(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            List<String> lines = new ArrayList<>();
            for (Path path : all.sorted().toList()) {
                boolean link = Files.isSymbolicLink(path);
                lines.add(root.relativize(path) + " " + Integer.toOctalString((int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS))
                        + (Files.isDirectory(path) && !link ? " " + Xattrs.list(path) : ""));
            }
            return lines;
        }
    }

    private List<String> unpacked(String name, LayerText layer, Removals removals) throws IOException {
        LayerPolicy policy = LayerPolicy.of(removals, Layers.owners());
        Path root = directory.resolve(name);
        if (removals == Removals.APPLIED) {
            Layers.create(LOWER, root, policy);
            Layers.apply(layer, root, policy);
            return tree(root);
        }
        Path lower = directory.resolve("lower-" + name);
        Layers.create(LOWER, lower, policy);
        Layers.create(layer, root, policy).implied().inherit(root, List.of(lower));
        return tree(root);
    }

    @ParameterizedTest
    @EnumSource(Removals.class)
    void removals_mean_the_same_wherever_they_are_in_a_layer(Removals removals) throws IOException {
        Removals kind = removals == Removals.OVERLAY && !Layers.isRoot() ? Removals.USER_OVERLAY : removals; // its attributes are root's
        LayerText first = new LayerText().directory("./");
        REMOVALS.forEach(removal -> removal.apply(first));
        CONTENT.forEach(part -> part.apply(first));
        List<String> expected = unpacked("expected", first, kind);
        if (removals == Removals.APPLIED) {
            assertThat(expected).containsExactly(" 40755 []", "hidden 40700 []", "hidden/in 40755 []", "hidden/in/x 100644", "kept 40700 []",
                    "kept/in 40755 []", "kept/in/x 100644", "new 40750 []", "new/x 100644");
        }
        for (int i = 0; i < 15; i++) {
            assertThat(unpacked("shuffled" + i, shuffled(new Random(i)), kind)).as("order " + i).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @EnumSource(Removals.class)
    void a_directory_that_is_removed_is_not_there_because_of_removals_in_it(Removals removals) throws IOException {
        Removals kind = removals == Removals.OVERLAY && !Layers.isRoot() ? Removals.USER_OVERLAY : removals;
        List<String> tree = unpacked("tree", new LayerText().directory("./").file("foo/.wh.bar", "").file("foo/in/.wh..wh..opq", "").file(".wh.foo", ""), kind);
        if (removals == Removals.APPLIED) {
            assertThat(tree).noneMatch(line -> line.startsWith("foo"));
        } else {
            assertThat(tree).hasSize(2).anyMatch(line -> line.matches("foo 20[0-7]+")); // a device
        }
    }

    @Test
    void what_can_not_be_marked_is_named() {
        LayerPolicy policy = LayerPolicy.of(Removals.USER_OVERLAY, Layers.owners());
        org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> Layers.create(new LayerText().node('6', "p", 0, 0).file("p/.wh.x", ""), directory.resolve("tree"), policy))
                .isInstanceOf(LayerException.class).hasMessageMatching("layer sha256:[0-9a-f]{64}, \"p/x\": its path leads through \"p\".*");
    }

    @TestFactory
    List<DynamicTest> as_a_plain_user() throws Exception {
        return Layers.isRoot() ? PlainUser.run(RemovalOrderTest.class) : List.of(DynamicTest.dynamicTest("it is one", () -> {}));
    }
}
