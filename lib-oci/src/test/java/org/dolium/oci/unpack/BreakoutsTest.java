// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.dolium.kernel.Fd;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.MediaTypes;
import org.dolium.testing.Canary;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.PlainUser;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The attacks of containerd's test of the same name, in one layer and split over two at every place. Each is refused, or stays in
/// the tree; what is outside is as before.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class BreakoutsTest {
    @TempDir
    Path directory;

    private Canary canary;

    @BeforeEach
    void make() throws IOException {
        canary = Canary.make(Files.createDirectory(directory.resolve("canary")));
    }

    /// One entry.
    private interface Part extends UnaryOperator<LayerText> {}

    /// An attack and what becomes of it in one layer: "refused", or a file that is there afterwards.
    private record Attack(String outcome, Part... parts) {}

    private Map<String, Attack> attacks() {
        String outside = canary.directory().toString();
        Map<String, Attack> all = new LinkedHashMap<>();
        Part file = layer -> layer.file("f", "content");
        Part dir = layer -> layer.directory("d");
        Part absolute = layer -> layer.link("l", outside);
        Part relative = layer -> layer.link("l", "../canary");
        Part up = layer -> layer.link("d/l", "../../canary");
        all.put("SymlinkAbsolute", new Attack("refused", absolute, layer -> layer.file("l/directory/x", "")));
        all.put("SymlinkUpAndOut", new Attack("refused", dir, up, layer -> layer.file("d/l/directory/x", "")));
        all.put("SymlinkMultipleAbsolute", new Attack("refused", absolute, layer -> layer.link("m", "/l"), layer -> layer.file("m/x", "")));
        all.put("SymlinkMultipleRelative", new Attack("refused", relative, layer -> layer.link("m", "l"), layer -> layer.file("m/x", "")));
        all.put("SymlinkEmptyFile", new Attack("l", layer -> layer.link("l", outside + "/file"), layer -> layer.file("l", "")));
        all.put("HardlinkRelative", new Attack("refused", layer -> layer.hardLink("h", "../canary/file")));
        all.put("HardlinkDownAndOut", new Attack("refused", dir, layer -> layer.hardLink("h", "d/../../canary/file")));
        all.put("HardlinkAbsolute", new Attack("refused", layer -> layer.hardLink("h", outside + "/file")));
        all.put("HardlinkRelativeLong", new Attack("refused", relative, layer -> layer.hardLink("a/b/c/d/e/f/h", "l/file")));
        all.put("HardlinkRelativeUpAndOut", new Attack("refused", dir, up, layer -> layer.hardLink("h", "d/l/file"),
                layer -> layer.file("h", "changed")));
        all.put("HardlinkDirectRelative", new Attack("refused", file, layer -> layer.hardLink("../canary/new", "f")));
        all.put("HardlinkDirectAbsolute", new Attack(outside.substring(1) + "/new", file,
                layer -> layer.hardLink(outside + "/new", "f")));
        all.put("SymlinkParentDirectory", new Attack("refused", dir, layer -> layer.link("d/..", outside), layer -> layer.file("x", "")));
        all.put("SymlinkEmptyFilename", new Attack("refused", layer -> layer.link("", outside), layer -> layer.file("x", "")));
        all.put("SymlinkParentRelative", new Attack("refused", dir, up, layer -> layer.link("d/l/m", ".."), layer -> layer.file("d/l/m/x", "")));
        all.put("SymlinkSlashEnded", new Attack("refused", layer -> layer.link("l/", outside), layer -> layer.file("l/x", "")));
        all.put("SymlinkOverrideDirectory", new Attack("refused", layer -> layer.directory("l"), layer -> layer.file("l/f", ""), absolute,
                layer -> layer.file("l/x", "")));
        all.put("SymlinkOverrideDirectoryRelative", new Attack("refused", layer -> layer.directory("l"), layer -> layer.file("l/f", ""),
                relative, layer -> layer.file("l/x", "")));
        all.put("DirectoryOverrideSymlink", new Attack("l/x", absolute, layer -> layer.directory("l"), layer -> layer.file("l/x", "")));
        all.put("DirectoryOverrideSymlinkAndHardlink", new Attack("refused", absolute, layer -> layer.hardLink("h", "l"),
                layer -> layer.directory("l"), layer -> layer.file("l/x", "")));
        all.put("WhiteoutRootParent", new Attack("refused", layer -> layer.file(".wh...", "")));
        all.put("WhiteoutParent", new Attack("refused", dir, layer -> layer.file("d/.wh...", "")));
        all.put("WhiteoutRoot", new Attack("refused", layer -> layer.file(".wh..", "")));
        all.put("WhiteoutCurrentDirectory", new Attack("refused", dir, layer -> layer.file("d/.wh..", "")));
        all.put("WhiteoutSymlink", new Attack("f", absolute, layer -> layer.file(".wh.l", ""), file));
        all.put("WhiteoutSymlinkPath", new Attack("f", absolute, layer -> layer.file("l/.wh.file", ""), file));
        all.put("WhiteoutSymlinkOpaque", new Attack("f", absolute, layer -> layer.file("l/.wh..wh..opq", ""), file));
        all.put("WhiteoutDirectoryName", new Attack("refused", dir, layer -> layer.file(".wh.d/x", "")));
        all.put("WhiteoutDeadSymlinkParent",
                new Attack("f", layer -> layer.link("l", "/nothing"), layer -> layer.file("l/.wh.x", ""), file));
        all.put("WhiteoutRelativePath", new Attack("refused", dir, layer -> layer.file("d/../../canary/.wh.file", "")));
        all.put("SymlinkOverridePath", new Attack("refused", layer -> layer.file("l/a/f", ""), absolute, layer -> layer.file("l/a/x", "")));
        all.put("HardlinkSymlinkBeforeCreateTarget", new Attack("refused", layer -> layer.hardLink("h", "l"), absolute));
        all.put("HardlinkSymlinkRelative", new Attack("refused", layer -> layer.link("l", "../canary/file"),
                layer -> layer.hardLink("h", "l"), layer -> layer.file("h", "changed")));
        all.put("HardlinkSymlinkAbsolute", new Attack("refused", layer -> layer.link("l", outside + "/file"),
                layer -> layer.hardLink("h", "l"), layer -> layer.file("h", "changed")));
        all.put("HardlinkSymlinkChmod", new Attack("refused", layer -> layer.link("l", outside + "/file"),
                layer -> layer.hardLink("h", 0777, "l")));
        return all;
    }

    private static LayerText layer(Part... parts) {
        LayerText layer = new LayerText();
        for (Part part : parts) {
            part.apply(layer);
        }
        return layer;
    }

    private String outcome(Path root, LayerText... layers) throws IOException {
        try {
            for (LayerText layer : layers) {
                Layers.apply(layer, root);
            }
            return "written";
        } catch (LayerException e) {
            return "refused";
        } finally {
            canary.check();
        }
    }

    private static Part[] some(Part[] parts, int from, int to) {
        return java.util.Arrays.copyOfRange(parts, from, to);
    }

    private void check(String name, Attack attack) throws IOException {
        Path root = Files.createDirectory(directory.resolve(name));
        String found = outcome(root, layer(attack.parts()));
        assertThat(found).isEqualTo(attack.outcome().equals("refused") ? "refused" : "written");
        if (found.equals("written")) {
            assertThat(root.resolve(attack.outcome())).isRegularFile();
        }
        for (int i = 1; i < attack.parts().length; i++) {
            Path two = Files.createDirectory(directory.resolve(name + i));
            outcome(two, layer(some(attack.parts(), 0, i)), layer(some(attack.parts(), i, attack.parts().length)));
        }
    }

    @Test
    void U_02_attacks_in_one_layer_and_in_two_stay_in_the_tree() throws IOException {
        Map<String, Attack> attacks = attacks();
        assertThat(attacks).hasSizeGreaterThanOrEqualTo(34);
        for (Map.Entry<String, Attack> attack : attacks.entrySet()) {
            try {
                check(attack.getKey(), attack.getValue());
            } catch (IOException | AssertionError e) {
                throw new AssertionError(attack.getKey() + ": " + e.getMessage(), e);
            }
        }
    }

    /// The same where directories are opened through links.
    private List<String> escapes() throws IOException {
        List<String> escaped = new ArrayList<>();
        for (Map.Entry<String, Attack> attack : attacks().entrySet()) {
            Path root = Files.createDirectory(directory.resolve("careless" + attack.getKey()));
            byte[] archive = layer(attack.getValue().parts()).bytes();
            try (TreeCalls calls = new TreeCalls(0, 0);
                    Fd at = Fd.open(root.toString(), 0, 0)) {
                LayerUnpack.write(Layers.blob(MediaTypes.OCI_LAYER, archive), Digest.of(archive), LayerLimits.standard(), calls, at,
                        Layers.APPLIED);
            } catch (IOException e) {
                // not all of them succeed even so
            }
            try {
                canary.check();
            } catch (AssertionError e) {
                escaped.add(attack.getKey());
                LayerUnpack.remove(canary.directory());
                make();
            }
        }
        return escaped;
    }

    @Test
    void U_02_without_the_control_layers_write_outside() throws IOException {
        assertThat(escapes()).contains("SymlinkAbsolute", "SymlinkUpAndOut", "SymlinkMultipleRelative", "SymlinkOverrideDirectory",
                "HardlinkRelativeLong", "WhiteoutSymlinkPath");
    }

    @TestFactory
    List<DynamicTest> as_a_plain_user() throws Exception {
        return Layers.isRoot() ? PlainUser.run(BreakoutsTest.class) : List.of(dynamicTest("it is one", () -> {}));
    }
}
