// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.dolium.kernel.Fd;
import org.dolium.namespace.IdMaps;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.MediaTypes;
import org.dolium.oci.unpack.LayerPolicy.Removals;
import org.dolium.testing.Canary;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.PlainUser;
import org.dolium.testing.Racer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Layers that attack the host that they are unpacked on.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class UnpackSecurityTest {
    @TempDir
    Path directory;

    private Path root;
    private Canary canary;

    @BeforeEach
    void make() throws IOException {
        root = Files.createDirectory(directory.resolve("root"));
        canary = Canary.make(Files.createDirectory(directory.resolve("canary")));
    }

    private static Object attribute(Path path, String name) throws IOException {
        return Files.getAttribute(path, "unix:" + name, LinkOption.NOFOLLOW_LINKS);
    }

    private static void write(TreeCalls calls, LayerText layer, Path root) throws IOException {
        byte[] archive = layer.bytes();
        try (Fd at = Fd.open(root.toString(), 0, 0)) {
            LayerUnpack.write(Layers.blob(MediaTypes.OCI_LAYER, archive), Digest.of(archive), LayerLimits.standard(), calls, at,
                    Layers.APPLIED);
        }
    }

    private void refused(LayerText layer, String why) throws IOException {
        assertThatThrownBy(() -> Layers.apply(layer, root)).isInstanceOf(LayerException.class).hasMessageContaining(why);
        canary.check();
    }

    @Test
    void U_02_the_root_stays_a_directory_and_gets_only_its_own_attributes() throws IOException {
        Object before = attribute(directory, "mode");
        refused(new LayerText().link("./", canary.directory().toString()), "root");
        Layers.apply(new LayerText().directory("./", 0711).directory("/", 0700), root);
        assertThat(attribute(root, "mode")).isEqualTo(0040700);
        assertThat(attribute(directory, "mode")).isEqualTo(before);
    }

    @Test
    void U_03_hard_links_are_of_files_below_the_root_only() throws IOException {
        String outside = canary.directory().toString();
        Layers.apply(new LayerText().directory("d").link("l", outside + "/file").node('6', "p", 0, 0).file("f", "x"), root);
        refused(new LayerText().hardLink("h", "/etc/shadow"), "not there");
        refused(new LayerText().hardLink("h", outside + "/file"), "not there");
        refused(new LayerText().hardLink("h", "l"), "no regular file");
        refused(new LayerText().hardLink("h", "d"), "no regular file");
        refused(new LayerText().hardLink("h", "p"), "no regular file");
        refused(new LayerText().hardLink("h", "h"), "itself");
        refused(new LayerText().hardLink("f/h", "f"), "link or file");
        Layers.apply(new LayerText().hardLink("h", "f"), root);
        assertThat(attribute(root.resolve("f"), "nlink")).isEqualTo(2);
        Layers.apply(new LayerText().file("h", "y"), root); // a file that replaces a link leaves the other name alone
        assertThat(root.resolve("f")).hasContent("x");
    }

    @Test
    void U_03_without_the_control_a_hard_link_is_of_a_file_outside() throws IOException {
        try (TreeCalls calls = new TreeCalls(0, 0)) {
            write(calls, new LayerText().link("l", canary.directory().toString()).hardLink("h", "l/file"), root);
        }
        assertThat(root.resolve("h")).hasContent(Canary.SECRET);
    }

    @Test
    void U_04_attributes_of_links_are_not_those_of_what_they_lead_to() throws IOException {
        Layers.apply(new LayerText().pax("mtime=5", "uid=77", "gid=78", "SCHILY.xattr.user.a=b")
                .link("l", canary.directory() + "/file").link("m", "../canary/directory"), root);
        canary.check();
        assertThat(Files.getLastModifiedTime(root.resolve("l"), LinkOption.NOFOLLOW_LINKS).toMillis()).isEqualTo(5000);
        if (Layers.isRoot()) {
            assertThat(attribute(root.resolve("l"), "uid")).isEqualTo(77);
        }
    }

    @Test
    void U_04_without_the_control_they_are() throws IOException {
        Layers.apply(new LayerText().link("l", canary.directory() + "/file"), root);
        Files.setLastModifiedTime(root.resolve("l"), java.nio.file.attribute.FileTime.fromMillis(5000));
        assertThatThrownBy(canary::check).isInstanceOf(AssertionError.class);
    }

    /// Writes into a directory that is exchanged for a link all the time, and says whether the canary was changed.
    ///
    /// @param wanted whether it is a control, which goes on until it was
    private boolean race(TreeCalls calls, boolean wanted) throws IOException {
        Files.createDirectory(root.resolve("d"));
        Files.createSymbolicLink(root.resolve("l"), canary.directory().resolve("directory"));
        LayerText layer = new LayerText().file("d/.wh.file", "").file("d/x", "attack").hardLink("d/y", "d/x").link("d/z", "x");
        long start = System.nanoTime();
        long starts = 0;
        try (Racer racer = Racer.of(root.resolve("d"), root.resolve("l"))) {
            for (; Racer.goesOn(start, 1, !wanted && starts > 100 && racer.flips() > 0); starts++) {
                try {
                    write(calls, layer, root);
                } catch (IOException e) {
                    // refused, or gone meanwhile
                }
                if (Files.exists(canary.directory().resolve("directory/x"))) {
                    return true;
                }
            }
            assertThat(racer.flips()).isPositive();
        }
        assertThat(starts).isGreaterThan(100);
        return false;
    }

    @Test
    void U_05_a_link_that_is_exchanged_for_a_directory_is_not_followed() throws IOException {
        try (TreeCalls calls = new TreeCalls()) {
            assertThat(race(calls, false)).isFalse();
        }
        canary.check();
    }

    @Test
    void U_05_without_the_control_it_is_followed() throws IOException {
        try (TreeCalls calls = new TreeCalls(0, 0)) {
            assertThat(race(calls, true)).isTrue();
        }
    }

    @Test
    void U_06_whiteouts_remove_nothing_outside() throws IOException {
        Files.createSymbolicLink(root.resolve("l"), canary.directory());
        refused(new LayerText().file("l/.wh.file", ""), "link or file");
        Layers.apply(new LayerText().file("l/.wh..wh..opq", ""), root); // a link has no content to hide
        Layers.apply(new LayerText().file(".wh.l", ""), root);
        assertThat(root.resolve("l")).doesNotExist();
        canary.check();
    }

    @Test
    void U_06_without_the_control_they_do() throws IOException {
        Files.createSymbolicLink(root.resolve("l"), canary.directory());
        try (TreeCalls calls = new TreeCalls(0, 0)) {
            write(calls, new LayerText().file("l/.wh.file", ""), root);
        }
        assertThat(canary.directory().resolve("file")).doesNotExist();
    }

    @Test
    void U_07_what_overlayfs_would_take_for_its_own_is_not_written() throws IOException {
        for (Removals removals : List.of(Removals.APPLIED, Removals.USER_OVERLAY)) {
            LayerPolicy policy = LayerPolicy.of(removals, Layers.owners());
            assertThatThrownBy(() -> Layers.apply(new LayerText().node('3', "etc", 0, 0), root, policy.withDevices()))
                    .isInstanceOf(LayerException.class).hasMessageContaining("0:0");
            UnpackReport report = Layers.apply(new LayerText()
                    .pax("SCHILY.xattr.trusted.overlay.redirect=/etc", "SCHILY.xattr.user.overlay.redirect=/etc",
                            "SCHILY.xattr.user.overlay.opaque=y", "SCHILY.xattr.trusted.overlay.opaque=y",
                            "SCHILY.xattr.user.overlay.metacopy=", "SCHILY.xattr.user.containers.override_stat=0:0:0100777")
                    .directory("d"), root, policy);
            assertThat(report.droppedXattrs()).hasSize(6);
            assertThat(Xattrs.list(root.resolve("d"))).isEmpty();
        }
    }

    @Test
    void U_08_devices_are_made_only_where_the_policy_says_so() throws IOException {
        LayerText layer = new LayerText().node('4', "sda", 8, 0).node('3', "mem", 1, 1).node('3', "kmsg", 1, 11).node('6', "p", 0, 0);
        assertThat(Layers.apply(layer, root).skippedDevices()).isEqualTo(3);
        assertThat(root.toFile().list()).containsExactly("p");
    }

    @Test
    void U_04_permissions_of_what_is_not_opened_are_set_on_older_kernels_too() throws IOException {
        Layers.apply(new LayerText().node('6', "p", 0, 0), root);
        try (TreeCalls calls = new TreeCalls();
                Fd at = Fd.open(root.toString(), 0, 0);
                Fd handle = calls.handle(at, new byte[] {'p'})) {
            calls.handleModeByName(handle, 0421);
        }
        assertThat((int) attribute(root.resolve("p"), "mode")).isEqualTo(0010421);
    }

    @Test
    void U_10_extended_attributes_are_those_that_may_be() throws IOException {
        UnpackReport report = Layers.apply(new LayerText()
                .pax("SCHILY.xattr.user.good=yes\0\377", "SCHILY.xattr.security.selinux=x", "SCHILY.xattr.security.ima=x",
                        "SCHILY.xattr.security.evm=x", "SCHILY.xattr.system.posix_acl_access=x", "SCHILY.xattr.trusted.x=x",
                        "SCHILY.xattr.user.=x", "SCHILY.xattr.user." + "x".repeat(300) + "=x", "SCHILY.xattr.user.rootlesscontainers=x",
                        "SCHILY.xattr.none=x")
                .file("a", ""), root);
        assertThat(Xattrs.list(root.resolve("a"))).containsExactly("user.good");
        assertThat(Xattrs.value(root.resolve("a"), "user.good")).isEqualTo("yes\0\377".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(report.droppedXattrs()).hasSize(9);
        refused(new LayerText().pax("SCHILY.xattr.user.large=" + "x".repeat(65537)).file("b", ""), "65536");
    }

    @Test
    void U_11_owners_that_are_not_mapped_are_refused() {
        Owners mapped = new Owners.Mapped(IdMaps.parse("0:100000:65536"), IdMaps.parse("0:100000:65536"));
        LayerPolicy policy = LayerPolicy.of(Removals.APPLIED, mapped);
        for (String record : List.of("uid=65536", "gid=4294967294")) {
            assertThatThrownBy(() -> Layers.apply(new LayerText().pax(record).directory("a"), root, policy))
                    .isInstanceOf(LayerException.class)
                    .hasMessageMatching("layer sha256:\\w+, \"a\": its [ug]id [0-9]+ is not mapped");
        }
    }

    @Test
    void U_14_names_are_bytes() throws Exception {
        List<String> names = List.of("\377\376", "a\u00c3", "\u00e4", "e\u0301".substring(0, 1) + "\u00cc\u0081", "A", "a", "con", " ", "\n", "\1\177");
        LayerText layer = new LayerText();
        for (String name : names) {
            layer.pax("path=d/" + name).file("x", name);
        }
        Layers.apply(layer, root);
        Process find = new ProcessBuilder("find", root.resolve("d").toString(), "-type", "f", "-printf", "%f\\0").start();
        String found = new String(find.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        assertThat(Set.of(found.split("\0"))).isEqualTo(Set.copyOf(names));
        LayerUnpack.remove(root);
        assertThat(root).doesNotExist();
    }

    private void withLimits(LayerText layer, LayerLimits limits) throws IOException {
        byte[] archive = layer.bytes();
        LayerUnpack.apply(Layers.blob(MediaTypes.OCI_LAYER, archive), Digest.of(archive), limits, root, Layers.APPLIED);
    }

    @Test
    void U_16_directories_that_are_only_named_by_what_is_in_them_are_counted() throws IOException {
        LayerText layer = new LayerText();
        for (int i = 0; i < 5; i++) {
            layer.pax("path=" + (i + "/").repeat(1000) + "f").file("f", "");
        }
        assertThatThrownBy(() -> withLimits(layer, LayerLimits.standard().withEntries(2000)))
                .isInstanceOf(LayerException.class).hasMessageContaining("more than 2000 directories that it does not name");
        LayerUnpack.remove(root.resolve("0"));
        withLimits(new LayerText().pax("path=" + "a/".repeat(1000) + "f").file("f", ""), LayerLimits.standard());
        LayerUnpack.remove(root); // as deep as may be
        assertThat(root).doesNotExist();
    }

    @Test
    void U_16_what_is_kept_until_the_end_is_limited() throws IOException {
        LayerText names = new LayerText();
        LayerText attributes = new LayerText();
        for (int i = 0; i < 10; i++) {
            names.pax("path=" + (("n" + i).repeat(100) + "/").repeat(100)).directory("d");
            attributes.pax("SCHILY.xattr.user.a=" + "x".repeat(30_000)).directory("d" + i);
        }
        for (LayerText layer : List.of(names, attributes)) {
            assertThatThrownBy(() -> withLimits(layer, LayerLimits.standard().withMemory(200_000)))
                    .isInstanceOf(LayerException.class).hasMessageContaining("more than 200000 bytes");
        }
        LayerUnpack.remove(root);
    }

    @Test
    void U_19_a_layer_with_another_content_leaves_nothing() throws IOException {
        byte[] archive = new LayerText().file("a", "hello").bytes();
        byte[] other = new LayerText().file("a", "jello").bytes();
        Path tree = directory.resolve("tree");
        assertThatThrownBy(() -> LayerUnpack.create(Layers.blob(MediaTypes.OCI_LAYER, archive), Digest.of(other),
                LayerLimits.standard(), tree, Layers.APPLIED)).isInstanceOf(WrongContentException.class);
        assertThat(tree).doesNotExist();
    }

    @Test
    void U_19_without_the_control_it_is_unpacked() throws IOException {
        byte[] archive = new LayerText().file("a", "jello").bytes();
        LayerUnpack.create(Layers.blob(MediaTypes.OCI_LAYER, archive), Digest.of(archive), LayerLimits.standard(),
                directory.resolve("tree"), Layers.APPLIED);
        assertThat(directory.resolve("tree/a")).hasContent("jello");
    }

    /// Removes a tree while a directory in it is exchanged for a link, again and again.
    private boolean raceRemoval(TreeCalls calls) throws IOException {
        long end = System.nanoTime() + Racer.SECONDS * 1_000_000_000;
        long flips = 0;
        for (int i = 0; System.nanoTime() < end; i++) {
            Path tree = Files.createDirectories(root.resolve("tree" + i));
            Path swapped = Files.createDirectories(tree.resolve("a/d"));
            Path link = Files.createSymbolicLink(tree.resolve("a/l"), canary.directory());
            try (Racer racer = Racer.of(swapped, link);
                    Fd at = Fd.open(root.toString(), 0, 0)) {
                while (racer.flips() == 0) {
                    Thread.onSpinWait(); // it has begun
                }
                for (int j = 0; j < 20 && Files.exists(tree); j++) {
                    try {
                        new TreeRemoval(calls).remove(at, ("tree" + i).getBytes(StandardCharsets.US_ASCII));
                    } catch (IOException e) {
                        // exchanged meanwhile
                    }
                }
                flips += racer.flips();
            }
            if (!Files.exists(canary.directory().resolve("file"))) {
                return true;
            }
        }
        assertThat(flips).isPositive();
        return false;
    }

    @Test
    void U_22_removal_does_not_follow_links() throws IOException {
        Layers.apply(new LayerText().link("d/l", canary.directory().toString()).link("d/e/m", "../../../canary"), root);
        LayerUnpack.remove(root.resolve("d"));
        assertThat(root.resolve("d")).doesNotExist();
        canary.check();
        try (TreeCalls calls = new TreeCalls()) {
            assertThat(raceRemoval(calls)).isFalse();
        }
        canary.check();
    }

    @Test
    void U_22_without_the_control_removal_follows_links() throws Exception {
        Layers.apply(new LayerText().link("d/l", canary.directory().toString()), root);
        new ProcessBuilder("find", "-L", root.resolve("d").toString(), "-delete").start().waitFor();
        assertThat(canary.directory().resolve("file")).doesNotExist();
    }

    @TestFactory
    List<DynamicTest> as_a_plain_user() throws Exception {
        return Layers.isRoot() ? PlainUser.run(UnpackSecurityTest.class) : List.of(dynamicTest("it is one", () -> {}));
    }
}
