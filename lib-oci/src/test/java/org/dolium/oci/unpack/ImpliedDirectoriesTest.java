// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.dolium.oci.unpack.LayerPolicy.Removals;
import org.dolium.testing.PlainUser;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

@Tag("kernel")
class ImpliedDirectoriesTest {
    private static final LayerPolicy POLICY =
            LayerPolicy.of(Layers.isRoot() ? Removals.OVERLAY : Removals.USER_OVERLAY, Layers.owners());

    @TempDir
    Path directory;

    private Path layer(String name, LayerText layer, Path... lower) throws IOException {
        Path path = directory.resolve(name);
        UnpackReport report = Layers.create(layer, path, POLICY);
        report.implied().inherit(path, List.of(lower));
        return path;
    }

    private static int mode(Path path) throws IOException {
        return (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 07777;
    }

    @Test
    void they_look_as_in_the_topmost_layer_that_has_them() throws IOException {
        Path first = layer("first", new LayerText().directory("./", 0700).directory("tmp", 0700).directory("a", 0711)
                .pax("SCHILY.xattr.user.kind=x", "uid=1000", "gid=1001").directory("a/b", 0750));
        Path second = layer("second", new LayerText().directory("tmp", 01777).file("a/b/old", ""), first);
        Path third = layer("third", new LayerText().file("tmp/new", "").file("a/b/new", "").file("fresh/new", ""), second, first);
        for (Path layer : List.of(second, third)) {
            assertThat(mode(layer)).isEqualTo(0700);
            assertThat(mode(layer.resolve("tmp"))).isEqualTo(01777);
            assertThat(mode(layer.resolve("a"))).isEqualTo(0711);
            assertThat(mode(layer.resolve("a/b"))).isEqualTo(0750);
            assertThat(Xattrs.value(layer.resolve("a/b"), "user.kind")).asString().isEqualTo("x");
            assertThat(Files.getLastModifiedTime(layer.resolve("a/b")).toMillis()).isEqualTo(1_000_000_000_000L);
        }
        assertThat(mode(third.resolve("fresh"))).isEqualTo(0755);
        if (Layers.isRoot()) {
            assertThat(Files.getAttribute(third.resolve("a/b"), "unix:uid")).isEqualTo(1000);
            assertThat(Files.getAttribute(third.resolve("a/b"), "unix:gid")).isEqualTo(1001);
        } else {
            assertThat(Xattrs.list(third.resolve("a/b"))).contains(Owners.RECORD);
        }
    }

    @Test
    void what_a_layer_between_has_removed_or_replaced_is_not_looked_at() throws IOException {
        Path first = layer("first", new LayerText().directory("gone", 0700).directory("file", 0700).directory("link", 0700)
                .directory("opaque", 0700).directory("opaque/in", 0700));
        Path second = layer("second", new LayerText().file(".wh.gone", "").file("file", "").link("link", "gone")
                .directory("opaque", 0711).file("opaque/.wh..wh..opq", ""), first);
        Path third = layer("third", new LayerText().file("gone/x", "").file("file/x", "").file("link/x", "").file("opaque/in/x", ""),
                second, first);
        for (String name : Set.of("gone", "file", "link", "opaque/in")) {
            assertThat(mode(third.resolve(name))).as(name).isEqualTo(0755);
        }
        assertThat(mode(third.resolve("opaque"))).isEqualTo(0711);
    }

    @Test
    void a_mark_that_hides_layers_below_is_not_inherited() throws IOException {
        Path first = layer("first", new LayerText().directory("d", 0711).file("d/hidden", ""));
        Path second = layer("second", new LayerText().directory("d", 0711).file("d/.wh..wh..opq", "").file("d/seen", ""), first);
        Path third = layer("third", new LayerText().file("d/new", ""), second, first);
        assertThat(Xattrs.list(second.resolve("d"))).contains("user.overlay.opaque");
        assertThat(Xattrs.list(third.resolve("d"))).isEmpty();
    }

    @Test
    void directories_that_their_owner_may_not_read_or_enter_stay_so() throws IOException {
        for (int mode : new int[] {0, 0100, 0200, 0400, 0300, 0600}) {
            String name = "m" + mode;
            Path first = layer("first" + name, new LayerText().directory("d", mode).pax("SCHILY.xattr.user.kind=x").directory("d/e", mode)
                    .directory("d/e/f", 0711));
            Path second = layer("second" + name, new LayerText().file("d/e/f/x", ""), first);
            Path third = layer("third" + name, new LayerText().directory("d", mode).file("d/e/f/y", ""), second, first);
            for (Path layer : List.of(first, second, third)) {
                assertThat(mode(layer.resolve("d"))).as(name).isEqualTo(mode);
                Files.setPosixFilePermissions(layer.resolve("d"), java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
                assertThat(mode(layer.resolve("d/e"))).as(name).isEqualTo(mode);
                Files.setPosixFilePermissions(layer.resolve("d/e"), java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
                assertThat(Xattrs.list(layer.resolve("d/e"))).containsExactly("user.kind");
                assertThat(mode(layer.resolve("d/e/f"))).as(name).isEqualTo(0711);
            }
        }
    }

    @Test
    void a_layer_that_says_everything_has_none() throws IOException {
        assertThat(Layers.create(new LayerText().directory("./").directory("d").file("d/f", ""), directory.resolve("x"), POLICY)
                .implied().isEmpty()).isTrue();
    }

    @TestFactory
    List<DynamicTest> as_a_plain_user() throws Exception {
        return Layers.isRoot() ? PlainUser.run(ImpliedDirectoriesTest.class) : List.of(DynamicTest.dynamicTest("it is one", () -> {}));
    }
}
