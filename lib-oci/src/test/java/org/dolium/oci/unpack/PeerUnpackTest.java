// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.dolium.oci.blob.ImageCopy;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.blob.TestImage;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageConfig;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.image.MediaTypes;
import org.dolium.oci.image.Platform;
import org.dolium.oci.layout.OciLayout;
import org.dolium.oci.unpack.LayerPolicy.Removals;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What umoci and GNU tar make of the same layers.
@Tag("kernel")
class PeerUnpackTest {
    @TempDir
    Path directory;

    private String run(String program, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(MustRun.program(program)));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    /// All that a tree has; which names are of one file by the first of them.
    private static Map<String, String> tree(Path root, Set<String> withoutTime) throws IOException {
        Map<String, String> lines = new TreeMap<>();
        Map<Object, String> first = new HashMap<>();
        Map<String, String> xattrs = Xattrs.tree(root);
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted().toList()) {
                Map<String, Object> all = new TreeMap<>(
                        Files.readAttributes(file, "unix:mode,uid,gid,lastModifiedTime,ino,rdev", LinkOption.NOFOLLOW_LINKS));
                String name = root.relativize(file).toString();
                if (withoutTime.contains(name)) {
                    all.remove("lastModifiedTime");
                }
                Object inode = all.remove("ino");
                String link = first.putIfAbsent(inode, name);
                String content = Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                        ? Digest.of(Files.readAllBytes(file)).toString()
                        : Files.isSymbolicLink(file) ? Files.readSymbolicLink(file).toString() : "";
                lines.put(name, all + " " + link + " " + content + " " + xattrs.get(name));
            }
        }
        return lines;
    }

    /// Directories that no layer names: umoci gives them the time of day, and we always the same.
    private static Set<String> implied(Path root) throws IOException {
        Set<String> implied = new HashSet<>(Set.of(""));
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.toList()) {
                if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS) && Files.getLastModifiedTime(file).toMillis() == 0) {
                    implied.add(root.relativize(file).toString());
                }
            }
        }
        return implied;
    }

    /// An image of these archives as a layout.
    private Path layout(byte[]... archives) throws IOException {
        TestImage images = new TestImage();
        List<Digest> diffIds = new ArrayList<>();
        List<Descriptor> layers = new ArrayList<>();
        for (byte[] archive : archives) {
            diffIds.add(Digest.of(archive));
            layers.add(images.add(MediaTypes.OCI_LAYER_GZIP, Layers.gzip(archive)));
        }
        Descriptor config =
                images.add(MediaTypes.OCI_CONFIG, ImageConfig.of(Platform.parse("amd64"), diffIds).toJson());
        Descriptor root = images.add(MediaTypes.OCI_MANIFEST, Manifest.of(config, layers).toJson());
        Path layout = directory.resolve("layout");
        try (ImageSink sink = OciLayout.write(layout)) {
            ImageCopy.copy(images, root, sink, List.of("a"));
            sink.finish();
        }
        return layout;
    }

    private void compare(Owners owners, String[] options, byte[]... archives) throws Exception {
        Path bundle = directory.resolve("bundle");
        List<String> arguments = new ArrayList<>(List.of("unpack"));
        arguments.addAll(List.of(options));
        arguments.addAll(List.of("--image", layout(archives) + ":a", bundle.toString()));
        run("umoci", arguments.toArray(new String[0]));
        Path root = Files.createDirectory(directory.resolve("root"));
        for (byte[] archive : archives) {
            byte[] gzip = Layers.gzip(archive);
            LayerUnpack.apply(Layers.blob(MediaTypes.OCI_LAYER_GZIP, gzip), Digest.of(archive), LayerLimits.standard(), root,
                    LayerPolicy.of(Removals.APPLIED, owners).withDevices());
        }
        try {
            Set<String> implied = implied(root);
            Map<String, String> ours = tree(root, implied);
            Map<String, String> theirs = tree(bundle.resolve("rootfs"), implied);
            assertThat(ours.keySet()).isEqualTo(theirs.keySet());
            for (Map.Entry<String, String> one : ours.entrySet()) {
                assertThat(one.getValue()).as(one.getKey()).isEqualTo(theirs.get(one.getKey()));
            }
        } finally {
            for (String used : List.of("layout", "bundle", "root")) {
                LayerUnpack.remove(directory.resolve(used));
            }
        }
    }

    private static LayerText[] layers() {
        LayerText first = new LayerText().directory("./", 0755).directory("etc", 0755).file("etc/passwd", 0644, "root")
                .directory("tmp", 01777).pax("uid=1000", "gid=50", "mtime=1234567890.123456789").file("etc/owned", 06755, "x")
                .link("bin", "usr/bin").directory("usr").directory("usr/bin", 0555).file("usr/bin/tool", 0755, "tool".repeat(10000))
                .hardLink("usr/bin/same", 0755, "usr/bin/tool").node('6', "tmp/pipe", 0, 0)
                .pax("path=" + "long/".repeat(40) + "name").file("x", "deep").pax("SCHILY.xattr.user.note=a\0b").file("etc/noted", "")
                .directory("gone").file("gone/a", "").directory("opaque").file("opaque/a", "").file("replaced", "file")
                .directory("emptied").file("emptied/a", "").pax("SCHILY.xattr.user.old=x").directory("attributed");
        LayerText second = new LayerText().directory("./", 0755).file(".wh.gone", "").directory("opaque", 0700)
                .file("opaque/.wh..wh..opq", "").file("opaque/b", "new").directory("replaced").file("replaced/x", "now a directory")
                .directory("emptied").file("emptied/.wh.a", "").directory("etc").link("etc/passwd", "shadow")
                .pax("SCHILY.xattr.user.new=y").directory("attributed").file("usr/added", "")
                .pax("GNU.sparse.size=100000", "GNU.sparse.numblocks=2", "GNU.sparse.map=10,2,90000,3").file("sparse", "abcde");
        return new LayerText[] {first, second};
    }

    @Test
    void trees_are_those_of_umoci_as_root() throws Exception {
        MustRun.root();
        LayerText[] layers = layers();
        compare(new Owners.Kept(), new String[0],
                layers[0].node('3', "null", 1, 3).node('4', "disk", 8, 1).bytes(), layers[1].bytes());
    }

    @Test
    void trees_are_those_of_umoci_for_plain_users() throws Exception {
        LayerText[] layers = layers();
        compare(new Owners.Squashed(), new String[] {"--rootless"}, layers[0].bytes(), layers[1].bytes());
    }

    @Test
    void U_01_without_the_control_a_name_leads_outside() throws Exception {
        Path archive = Files.write(directory.resolve("up.tar"), new LayerText().file("../outside", "").bytes());
        Path inside = Files.createDirectory(directory.resolve("inside"));
        run("tar", "--absolute-names", "-C", inside.toString(), "-xf", archive.toString());
        assertThat(directory.resolve("outside")).exists();
    }

    private List<String> lines(String program, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(MustRun.program(program)));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1).lines()
                .map(name -> name.replaceAll("/+$", "")).toList();
    }

    @Test
    void U_12_without_the_control_two_readers_see_different_entries() throws Exception {
        Path archive = Files.write(directory.resolve("two.tar"),
                new LayerText().file("a", "").raw(new byte[512]).raw(new byte[512]).file("b", "").bytes());
        assertThat(lines("tar", "--ignore-zeros", "-tf", archive.toString())).containsExactly("a", "b");
        assertThat(lines("tar", "-tf", archive.toString())).containsExactly("a");
        assertThat(verdict(Files.readAllBytes(archive))).isEqualTo("refused");
    }

    @Test
    void a_tree_of_this_machine_is_that_of_umoci() throws Exception {
        MustRun.root();
        for (String format : List.of("gnu", "posix")) {
            Path archive = directory.resolve(format + ".tar");
            run("tar", "--format=" + format, "--xattrs", "--sort=name", "-C", "/", "-cf",
                    archive.toString(), "usr/share/doc/bash", "usr/share/terminfo", "usr/share/zoneinfo/Europe", "etc/alternatives", "bin");
            compare(new Owners.Kept(), new String[0], Files.readAllBytes(archive));
        }
    }

    /// Whether we see the same entries as GNU tar, or refuse what it takes.
    private String verdict(byte[] archive) throws Exception {
        List<String> ours = new ArrayList<>();
        try (LayerReader reader = LayerReader.open(
                Layers.blob(MediaTypes.OCI_LAYER, archive), Digest.of(archive), LayerLimits.standard())) {
            for (LayerEntry entry = reader.next(); entry != null; entry = reader.next()) {
                ours.add(new String(entry.path().bytes(), StandardCharsets.ISO_8859_1));
            }
        } catch (LayerException e) {
            return "refused";
        }
        Path file = Files.write(directory.resolve("archive"), archive);
        Process tar = new ProcessBuilder(MustRun.program("tar"), "--quoting-style=literal", "-tf", file.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String names = new String(tar.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        List<String> theirs = Arrays.stream(names.split("\n")).filter(name -> !name.isEmpty())
                .map(name -> name.replaceAll("/+$", "")).toList();
        return ours.equals(theirs) ? "equal" : ours + " is not " + theirs;
    }

    @Test
    void U_12_archives_are_read_as_gnu_tar_reads_them_or_refused() throws Exception {
        byte[] inner = new LayerText().file("hidden", "").unfinished();
        java.util.function.Consumer<byte[]> empty = header -> LayerText.put(header, 124, LayerText.octal(0, 12));
        List<LayerText> archives = List.of(
                new LayerText().file("a", "x").directory("b").link("c", "d").hardLink("e", "a"),
                new LayerText().pax("size=" + inner.length).entry('0', "a", "", 0644, inner, empty).file("b", ""),
                new LayerText().pax("size=0").entry('0', "a", "", 0644, inner, header -> {}).file("b", ""),
                new LayerText().pax("size=1024").gnu('L', "long").entry('0', "a", "", 0644, inner, empty).file("b", ""),
                new LayerText().gnu('L', "long").pax("size=512").file("a", "").file("b", ""),
                new LayerText().pax("path=x").pax("size=512").file("a", "").file("b", ""),
                new LayerText().extension('g', "size=512").file("a", "").file("b", ""),
                new LayerText().pax("size=512").directory("a").file("b", ""),
                new LayerText().entry('5', "a", "", 0755, inner, header -> {}).file("b", ""),
                new LayerText().entry('2', "a", "x", 0755, inner, header -> {}).file("b", ""),
                new LayerText().entry('1', "a", "x", 0755, inner, header -> {}).file("b", ""),
                new LayerText().entry('0', "a/", "", 0755, inner, header -> {}).file("b", ""),
                new LayerText().entry('\0', "a/", "", 0755, new byte[0], header -> {}).file("b", ""),
                new LayerText().entry('7', "a", "", 0755, inner, header -> {}).file("b", ""),
                new LayerText().entry('Z', "a", "", 0755, inner, header -> {}).file("b", ""),
                new LayerText().raw(new byte[512]).file("b", ""),
                new LayerText().file("a", "").raw(new byte[1024]).file("b", ""),
                new LayerText().pax("GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.name=x", "GNU.sparse.realsize=3")
                        .file("a", "1\n0\n3\n" + "\0".repeat(506) + "abc").file("b", ""),
                new LayerText().entry('0', "n", "", 0644, new byte[0], header -> LayerText.put(header, 345, "prefix")),
                new LayerText().entry('0', "n", "", 0644, new byte[0], header -> {
                    LayerText.put(header, 345, "prefix");
                    LayerText.put(header, 257, "ustar  \0");
                }),
                new LayerText().entry('0', "n", "", 0644, inner, header -> LayerText.put(header, 124, "\200\0\0\0\0\0\0\0\0\0\2\0")));
        List<String> verdicts = new ArrayList<>();
        for (LayerText archive : archives) {
            verdicts.add(verdict(archive.bytes()));
        }
        assertThat(verdicts).containsOnly("equal", "refused");
        assertThat(verdicts.stream().filter("equal"::equals).count()).isBetween(7L, 15L);
    }
}
