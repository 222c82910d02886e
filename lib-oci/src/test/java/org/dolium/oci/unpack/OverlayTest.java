// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.oci.unpack.LayerPolicy.Removals;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What overlayfs makes of layers that lie in directories of their own. It is mounted in a process of its own.
@Tag("kernel")
class OverlayTest {
    @TempDir
    Path directory;

    @BeforeEach
    void root() {
        MustRun.root();
    }

    private String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    private static final String LIST = "cd \"$1\" && find . -mindepth 1 -printf '%P %y %m %U:%G %T@ %l\\n' | sort";

    /// What is seen where the directories, the uppermost first, are mounted over each other.
    private List<String> merged(String options, Path... layers) throws Exception {
        Path mount = Files.createDirectories(directory.resolve("mount"));
        List<String> paths = new ArrayList<>();
        for (Path layer : layers) {
            paths.add(layer.toString());
        }
        String mounting = "mount -t overlay none -o \"ro,lowerdir=$2$3\" \"$1\" && ";
        return run(MustRun.program("unshare"), "--mount", "sh", "-ec", mounting + LIST, "sh", mount.toString(), String.join(":", paths),
                options).lines().toList();
    }

    private Path layer(String name, LayerText layer, LayerPolicy policy) throws Exception {
        Path path = directory.resolve(name);
        Layers.create(layer.directory("./"), path, policy);
        return path;
    }

    private static LayerText lower() {
        return new LayerText().directory("a").file("a/old", "").directory("b").file("b/old", "").file("c", "c").directory("d")
                .directory("d/e").file("d/e/old", "").file("f", "f").directory("g").file("g/old", "").link("l", "a");
    }

    private static LayerText upper() {
        return new LayerText().directory("a", 0700).file("a/.wh..wh..opq", "").file("a/new", "").file(".wh.b", "").file("c", "changed")
                .directory("d").file("d/.wh.e", "").file(".wh.f", "").directory("f").file("f/x", "").directory("g").file("g/new", "")
                .file(".wh.g", "").file(".wh.l", "").file(".wh.none", "");
    }

    @ParameterizedTest
    @EnumSource(names = "APPLIED", mode = EnumSource.Mode.EXCLUDE)
    void layers_over_each_other_are_what_layers_one_after_the_other_are(Removals removals) throws Exception {
        Path applied = directory.resolve("applied");
        Layers.create(lower().directory("./"), applied, Layers.APPLIED);
        Layers.apply(upper(), applied);
        LayerPolicy policy = LayerPolicy.of(removals, new Owners.Kept());
        Path first = layer("first", lower(), policy);
        Path second = layer("second", upper(), policy);
        List<String> expected = run("sh", "-ec", LIST, "sh", applied.toString()).lines().toList();
        assertThat(expected).hasSize(8);
        assertThat(merged(",userxattr", second, first)).as("in a user namespace").isEqualTo(expected);
        if (removals == Removals.OVERLAY) {
            assertThat(merged("", second, first)).isEqualTo(expected);
        }
    }

    /// The directory that is removed comes last.
    @ParameterizedTest
    @EnumSource(names = "APPLIED", mode = EnumSource.Mode.EXCLUDE)
    void what_is_removed_after_something_in_it_is_not_seen(Removals removals) throws Exception {
        LayerText upper = new LayerText().file("d/e/.wh.old", "").file("d/.wh..wh..opq", "").file(".wh.d", "").file("g/.wh.old", "")
                .file("g/new", "").file(".wh.g", "");
        Path applied = directory.resolve("applied");
        Layers.create(lower().directory("./"), applied, Layers.APPLIED);
        Layers.apply(upper, applied);
        LayerPolicy policy = LayerPolicy.of(removals, new Owners.Kept());
        Path first = layer("first", lower(), policy);
        Path second = layer("second", upper, policy);
        List<String> expected = run("sh", "-ec", LIST, "sh", applied.toString()).lines().toList();
        assertThat(expected).noneMatch(line -> line.startsWith("d")).anyMatch(line -> line.startsWith("g/new "))
                .noneMatch(line -> line.startsWith("g/old"));
        assertThat(merged(",userxattr", second, first)).isEqualTo(expected);
    }

    private static LayerText restricted() {
        return new LayerText().directory("root", 0700).pax("uid=7", "gid=8").directory("root/own", 01770).directory("tmp", 01777)
                .directory("tmp/a", 0711).directory("was", 0700).directory("was/sub", 0700).directory("hidden", 0700)
                .directory("hidden/sub", 0700).file("file", "").directory("late", 0700).directory("./", 0710);
    }

    private static LayerText implying() {
        return new LayerText().file("root/own/x", "").file("tmp/a/.wh.none", "").file(".wh.was", "").file("hidden/.wh..wh..opq", "")
                .file("hidden/sub/x", "").file("new/x/y", "");
    }

    /// Layers without entries of the directories in which they have something.
    @ParameterizedTest
    @EnumSource(names = "APPLIED", mode = EnumSource.Mode.EXCLUDE)
    void directories_that_layers_imply_are_those_of_layers_one_after_the_other(Removals removals) throws Exception {
        List<LayerText> texts = List.of(restricted(), implying(), new LayerText().file(".wh.file", ""),
                new LayerText().file("root/own/y", "").file("was/sub/x", "").file("late/x", "").file("file/x", ""));
        Path applied = directory.resolve("applied");
        Layers.create(texts.getFirst(), applied, Layers.APPLIED);
        List<Path> layers = new ArrayList<>();
        for (LayerText text : texts) {
            Path layer = directory.resolve("layer" + layers.size());
            UnpackReport report = Layers.create(text, layer, LayerPolicy.of(removals, new Owners.Kept()));
            report.implied().inherit(layer, layers);
            layers.addFirst(layer);
            if (layers.size() > 1) {
                Layers.apply(text, applied);
            }
        }
        List<String> expected = run("sh", "-ec", LIST, "sh", applied.toString()).lines().toList();
        assertThat(expected).anyMatch(line -> line.startsWith("root/own d 1770 7:8 ")).anyMatch(line -> line.startsWith("hidden/sub d 755 0:0 "));
        String options = removals == Removals.OVERLAY ? "" : ",userxattr";
        assertThat(merged(options, layers.toArray(new Path[0]))).isEqualTo(expected);
        assertThat((int) Files.getAttribute(layers.getFirst(), "unix:mode") & 07777).isEqualTo(0710);
    }

    private static final String REDIRECT = "trusted.overlay.redirect";

    private Path secret(LayerPolicy policy) throws Exception {
        return layer("first", new LayerText().directory("secret", 0700).file("secret/key", "").directory("d"), policy);
    }

    @Test
    void U_07_a_layer_does_not_redirect_what_is_seen_of_others() throws Exception {
        LayerPolicy policy = LayerPolicy.of(Removals.OVERLAY, new Owners.Kept());
        Path first = secret(policy);
        Path second = layer("second", new LayerText().pax("SCHILY.xattr." + REDIRECT + "=/secret").directory("d"), policy);
        assertThat(merged(",redirect_dir=on", second, first)).hasSize(3).noneMatch(line -> line.startsWith("d/key"));
    }

    @Test
    void U_07_without_the_control_it_does() throws Exception {
        LayerPolicy policy = LayerPolicy.of(Removals.OVERLAY, new Owners.Kept());
        Path first = secret(policy);
        Path second = layer("second", new LayerText().directory("d"), policy);
        run(MustRun.program("python3"), "-c", "import os,sys; os.setxattr(sys.argv[1], sys.argv[2], b'/secret')",
                second.resolve("d").toString(), REDIRECT);
        assertThat(merged(",redirect_dir=on", second, first)).anyMatch(line -> line.startsWith("d/key"));
    }
}
