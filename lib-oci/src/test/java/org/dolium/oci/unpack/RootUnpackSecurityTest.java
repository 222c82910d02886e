// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.namespace.IdMaps;
import org.dolium.oci.unpack.LayerPolicy.Removals;
import org.dolium.testing.Canary;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// What only root can be made to do by a layer: devices, owners, capabilities of files.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class RootUnpackSecurityTest {
    @TempDir
    Path directory;

    private Path root;
    private Canary canary;

    @BeforeEach
    void make() throws IOException {
        MustRun.root();
        root = Files.createDirectory(directory.resolve("root"));
        canary = Canary.make(Files.createDirectory(directory.resolve("canary")));
    }

    private static Object attribute(Path path, String name) throws IOException {
        return Files.getAttribute(path, "unix:" + name, LinkOption.NOFOLLOW_LINKS);
    }

    @Test
    void U_08_without_the_control_devices_are_made() throws IOException {
        Layers.apply(new LayerText().node('4', "sda", 8, 300), root, Layers.APPLIED.withDevices());
        assertThat((int) attribute(root.resolve("sda"), "mode")).isEqualTo(0060644);
        assertThat(attribute(root.resolve("sda"), "rdev")).isEqualTo(8L << 8 | 300 & 0xff | 1L << 20);
    }

    @Test
    void U_09_capabilities_of_files_are_those_of_the_right_root() throws IOException {
        String second = "\1\0\0\2\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        LayerText layer = new LayerText().pax("SCHILY.xattr.security.capability=" + second).file("a", "");
        Layers.apply(layer, root);
        assertThat(Xattrs.value(root.resolve("a"), "security.capability")).isEqualTo(LayerText.bytes(second));
        Owners mapped = new Owners.Mapped(IdMaps.parse("0:100000:65536"), IdMaps.parse("0:100000:65536"));
        Layers.apply(layer, root, LayerPolicy.of(Removals.APPLIED, mapped));
        assertThat(Xattrs.value(root.resolve("a"), "security.capability"))
                .isEqualTo(LayerText.bytes("\1\0\0\3\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\u00a0\u0086\1\0"));
        UnpackReport report = Layers.apply(layer, root, LayerPolicy.of(Removals.APPLIED, new Owners.Squashed()));
        assertThat(report.droppedXattrs()).containsExactly("security.capability");
        LayerText wrong = new LayerText().pax("SCHILY.xattr.security.capability=x").file("a", "");
        assertThatThrownBy(() -> Layers.apply(wrong, root)).isInstanceOf(LayerException.class).hasMessageContaining("no known version");
    }

    @Test
    void U_21_owners_are_mapped_and_links_not_followed() throws IOException {
        Owners mapped = new Owners.Mapped(IdMaps.parse("0:100000:1000,1000:1:1"), IdMaps.parse("0:200000:65536"));
        LayerText layer = new LayerText().directory("d").pax("uid=1000", "gid=7").file("f", 04755, "")
                .link("l", canary.directory() + "/file").node('6', "p", 0, 0);
        Layers.apply(layer, root);
        assertThat(attribute(root.resolve("f"), "uid")).isEqualTo(1000); // where they are kept
        Layers.apply(layer, root, LayerPolicy.of(Removals.APPLIED, mapped));
        canary.check();
        List<Object> owners = new ArrayList<>();
        for (String name : List.of("d", "f", "l", "p")) {
            owners.add(attribute(root.resolve(name), "uid") + ":" + attribute(root.resolve(name), "gid"));
        }
        assertThat(owners).containsExactly("100000:200000", "1:200007", "100000:200000", "100000:200000");
        assertThat((int) attribute(root.resolve("f"), "mode")).isEqualTo(0104755);
    }
}
