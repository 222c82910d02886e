// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.MediaTypes;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayerReaderTest {
    @TempDir
    Path directory;

    private static Metadata metadata(LayerText layer) throws IOException {
        byte[] archive = layer.bytes();
        try (LayerReader reader = LayerReader.open(
                Layers.blob(MediaTypes.OCI_LAYER, archive), Digest.of(archive), LayerLimits.standard())) {
            LayerEntry entry = reader.next();
            return entry instanceof LayerEntry.File file ? file.metadata() : ((LayerEntry.Directory) entry).metadata();
        }
    }

    @Test
    void entries_of_every_kind_are_read() throws IOException {
        LayerText layer = new LayerText()
                .directory("./").directory("etc/").file("etc/a", "hello").link("etc/b", "../../x").hardLink("c", "/etc/a")
                .node('3', "dev/null", 1, 3).node('4', "dev/sda", 8, 0).node('6', "pipe", 0, 0)
                .file("etc/.wh.old", "").file("opt/.wh..wh..opq", "");
        assertThat(Layers.read(layer)).containsExactly(
                "directory \".\"", "directory \"etc\"", "file \"etc/a\" 5 hello", "link \"etc/b\" ../../x",
                "hard \"c\" \"etc/a\"", "char \"dev/null\" 1:3", "block \"dev/sda\" 8:0", "fifo \"pipe\"",
                "whiteout \"etc/old\"", "opaque \"opt\"");
    }

    @Test
    void files_that_nobody_reads_are_passed_over() throws IOException {
        byte[] archive = new LayerText().file("a", "x".repeat(5000)).file("b", "y").bytes();
        try (LayerReader reader = LayerReader.open(
                Layers.blob(MediaTypes.OCI_LAYER, archive), Digest.of(archive), LayerLimits.standard())) {
            assertThat(reader.next().path()).hasToString("\"a\"");
            assertThat(reader.next().path()).hasToString("\"b\"");
            assertThat(reader.next()).isNull();
            assertThat(reader.next()).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "zstd"})
    void content_is_decompressed_as_its_type_says(String compression) throws Exception {
        byte[] archive = new LayerText().file("a", "hello").bytes();
        Path plain = Files.write(directory.resolve("plain"), archive);
        byte[] content = compression.equals("none") ? archive : run(compression, "-c", plain.toString());
        String type = compression.equals("none") ? MediaTypes.OCI_LAYER : MediaTypes.OCI_LAYER + "+" + compression;
        assertThat(Layers.read(Layers.blob(type, content), Digest.of(archive), LayerLimits.standard()))
                .containsExactly("file \"a\" 5 hello");
    }

    @Test
    void content_of_another_compression_than_its_type_says_is_refused() throws IOException {
        byte[] archive = new LayerText().file("a", "hello").bytes();
        for (String type : List.of(MediaTypes.OCI_LAYER_GZIP, MediaTypes.OCI_LAYER_ZSTD)) {
            assertThatThrownBy(() -> Layers.read(Layers.blob(type, archive), Digest.of(archive), LayerLimits.standard()))
                    .isInstanceOf(LayerException.class);
        }
        byte[] gzip = Layers.gzip(archive);
        assertThatThrownBy(() -> Layers.read(Layers.blob(MediaTypes.OCI_LAYER, gzip), Digest.of(archive), LayerLimits.standard()))
                .isInstanceOf(LayerException.class);
    }

    private byte[] run(String program, String... arguments) throws Exception {
        java.util.ArrayList<String> command = new java.util.ArrayList<>(List.of(MustRun.program(program)));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).directory(directory.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        process.getOutputStream().close();
        byte[] output = process.getInputStream().readAllBytes();
        assertThat(process.waitFor()).isZero();
        return output;
    }

    @Test
    void gzip_of_several_members_with_names_and_comments_is_one_archive() throws IOException {
        byte[] archive = new LayerText().file("a", "hello").bytes();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int from = 0; from < archive.length; from += 512) {
            byte[] member = Layers.gzip(java.util.Arrays.copyOfRange(archive, from, from + 512));
            member[3] = 8 | 16 | 4;
            out.write(member, 0, 10);
            out.writeBytes("\3\0abcname\0comment\0".getBytes(StandardCharsets.ISO_8859_1));
            out.write(member, 10, member.length - 10);
        }
        assertThat(Layers.read(Layers.blob(MediaTypes.OCI_LAYER_GZIP, out.toByteArray()), Digest.of(archive),
                LayerLimits.standard())).containsExactly("file \"a\" 5 hello");
    }

    @Test
    void the_extended_header_says_what_the_header_has_no_room_for() throws IOException {
        String name = "d/".repeat(150) + "a\377\u00c3";
        assertThat(Layers.read(new LayerText().pax("path=" + name, "size=5").entry(
                        '0', "short", "", 0644, LayerText.bytes("hello"), header -> LayerText.put(header, 124, LayerText.octal(0, 12)))))
                .containsExactly("file \"" + name.replace("\377", "\\xff").replace("\u00c3", "\\xc3").substring(0, 200) + "\"... 5 hello");
        Metadata metadata = metadata(new LayerText()
                .pax("uid=4294967294", "gid=3000000", "mtime=-1.25", "SCHILY.xattr.user.a=\0\1", "comment=")
                .file("a", 06755, ""));
        assertThat(metadata).extracting(Metadata::mode, Metadata::uid, Metadata::gid, Metadata::seconds, Metadata::nanos)
                .containsExactly(06755, 4294967294L, 3000000L, -2L, 750_000_000);
        assertThat(metadata.xattrs()).containsOnlyKeys("user.a");
        assertThat(metadata.xattrs().get("user.a")).containsExactly(0, 1);
    }

    @Test
    void long_names_of_gnu_and_binary_numbers_are_read() throws IOException {
        assertThat(Layers.read(new LayerText().gnu('L', "n".repeat(150)).gnu('K', "t".repeat(150)).link("n", "t")))
                .containsExactly("link \"" + "n".repeat(150) + "\" " + "t".repeat(150));
        Metadata metadata = metadata(new LayerText().entry('5', "a", "", 0, new byte[0], header -> {
            LayerText.put(header, 108, "\200\0\0\0\200\0\0\0");
            LayerText.put(header, 136, "\377".repeat(11) + "\376");
        }));
        assertThat(metadata.uid()).isEqualTo(1L << 31);
        assertThat(metadata.seconds()).isEqualTo(-2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--format=gnu", "--format=posix --sparse-version=0.0", "--format=posix --sparse-version=0.1",
        "--format=posix --sparse-version=1.0"})
    void sparse_files_of_gnu_tar_have_their_holes(String format) throws Exception {
        Path file = directory.resolve("sparse");
        byte[] expected = new byte[400_000];
        try (var channel = Files.newByteChannel(
                file, java.nio.file.StandardOpenOption.CREATE_NEW, java.nio.file.StandardOpenOption.WRITE)) {
            for (int part = 0; part < 30; part++) {
                byte[] bytes = ("part " + part).getBytes(StandardCharsets.US_ASCII);
                channel.position(part * 12_288L).write(java.nio.ByteBuffer.wrap(bytes));
                System.arraycopy(bytes, 0, expected, part * 12_288, bytes.length);
            }
            channel.position(expected.length - 1).write(java.nio.ByteBuffer.wrap(new byte[1]));
        }
        byte[] archive = run("tar", ("--sparse --hole-detection=raw -cf - " + format + " sparse").split(" "));
        assertThat(archive).hasSizeLessThan(200_000);
        try (LayerReader reader = LayerReader.open(
                Layers.blob(MediaTypes.OCI_LAYER, archive), Digest.of(archive), LayerLimits.standard())) {
            LayerEntry.File entry = (LayerEntry.File) reader.next();
            assertThat(entry.path()).hasToString("\"sparse\"");
            assertThat(entry.size()).isEqualTo(expected.length);
            byte[] found = new byte[expected.length];
            for (LayerEntry.Extent extent : entry.extents()) {
                for (int done = 0; done < extent.length(); ) {
                    done += reader.read(found, (int) extent.offset() + done, (int) extent.length() - done);
                }
            }
            assertThat(found).isEqualTo(expected);
            assertThat(reader.next()).isNull();
        }
    }

    @Test
    void errors_name_the_layer_and_the_entry() {
        byte[] archive = new LayerText().file("good", "").file("a/../b", "").bytes();
        assertThatThrownBy(() -> Layers.read(archive))
                .isInstanceOf(LayerException.class)
                .hasMessage("layer " + Digest.of(archive) + ", entry 2 \"a/../b\": its path leads upwards by '..'");
    }

    @Test
    void the_rest_of_a_layer_that_breaks_off_is_the_sources_fault() {
        byte[] archive = new LayerText().file("good", "").bytes();
        assertThatThrownBy(() -> Layers.read(
                        new org.dolium.oci.blob.VerifiedStream(new java.io.ByteArrayInputStream(archive, 0, 700),
                                org.dolium.oci.image.Descriptor.of(MediaTypes.OCI_LAYER, archive), "a test"),
                        Digest.of(archive), LayerLimits.standard()))
                .isInstanceOf(WrongContentException.class);
    }

    @Test
    void what_union_file_systems_of_old_kept_for_themselves_is_passed_over() throws IOException {
        assertThat(Layers.read(new LayerText().file(".wh..wh.aufs", "x").directory(".wh..wh.plnk/").file(".wh..wh.plnk/1.2", "x")
                .file("a", ""))).containsExactly("file \"a\" 0 ");
    }
}
