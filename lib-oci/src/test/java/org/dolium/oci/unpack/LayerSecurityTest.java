// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.MediaTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Layers that attack who reads them. What is refused here never reaches a file system.
class LayerSecurityTest {
    private static void refused(LayerText layer, String why) {
        refused(() -> Layers.read(layer), why);
    }

    private static void refused(ThrowingCallable reading, String why) {
        assertThatThrownBy(reading).isInstanceOf(LayerException.class).hasMessageContaining(why);
    }

    private static LayerText file(Consumer<byte[]> change) {
        return new LayerText().entry('0', "a", "", 0644, new byte[0], change);
    }

    @Test
    void U_01_names_that_lead_elsewhere_are_refused_or_below_the_root() throws IOException {
        for (String name : List.of("../x", "a/../../x", "..", "/..", "a/..", "./../x")) {
            refused(new LayerText().file(name, ""), "'..'");
            refused(new LayerText().pax("path=" + name).file("a", ""), "'..'");
            refused(new LayerText().gnu('L', name).directory("a"), "'..'");
            refused(new LayerText().hardLink("a", name), "'..'");
        }
        refused(new LayerText().pax("path=a\0b").file("a", ""), "NUL");
        refused(new LayerText().pax("linkpath=a\0b").link("a", "b"), "NUL");
        refused(new LayerText().file("", ""), "name of a directory");
        refused(new LayerText().file(".", ""), "name of a directory");
        refused(new LayerText().link("./", "x"), "root");
        refused(new LayerText().link("a", ""), "target of 0 bytes");
        refused(new LayerText().file("a/", ""), "name of a directory");
        refused(new LayerText().pax("path=").file("a", ""), "empty");
        assertThat(Layers.read(new LayerText().file("/etc//./passwd", "").file("a\\..\\b", "").file("...", "").directory("//")))
                .containsExactly("file \"etc/passwd\" 0 ", "file \"a\\\\..\\\\b\" 0 ", "file \"...\" 0 ", "directory \".\"");
    }

    @Test
    void U_06_whiteouts_of_nothing_are_refused() {
        for (String name : List.of(".wh.", "a/.wh..", ".wh...", "a/.wh..wh.x", ".wh.x/y", "a/.wh.b/c")) {
            refused(new LayerText().file(name, ""), "whiteout");
        }
        refused(new LayerText().file(".wh.a", "content"), "no empty file");
        refused(new LayerText().directory(".wh.a"), "no empty file");
        refused(new LayerText().link(".wh.a", "/etc"), "no empty file");
        refused(new LayerText().hardLink("a", ".wh.b"), "whiteout");
    }

    @Test
    void U_11_ids_that_would_wrap_around_are_refused() throws IOException {
        for (String id : List.of("4294967295", "4294967296", "9223372036854775808", "-1", "0x0", "1e3", "")) {
            refused(new LayerText().pax("uid=" + id).file("a", ""), "uid");
            refused(new LayerText().pax("gid=" + id).file("a", ""), "gid");
        }
        refused(file(header -> LayerText.put(header, 108, "\200\0\0\1\0\0\0\0")), "uid 4294967296");
        refused(file(header -> LayerText.put(header, 108, "\377\377\377\377\377\377\377\377")), "negative owner");
        refused(file(header -> LayerText.put(header, 116, "\201\0\0\0\0\0\0\0")), "63 bits");
        refused(file(header -> LayerText.put(header, 116, "-000001\0")), "no number");
        assertThat(Layers.read(new LayerText().pax("uid=4294967294").file("a", ""))).hasSize(1);
    }

    @Test
    void U_12_headers_that_readers_disagree_about_are_refused() throws IOException {
        byte[] inner = new LayerText().file("hidden", "").unfinished();
        assertThat(Layers.read(new LayerText().pax("size=" + inner.length).entry('0', "outer", "", 0644, inner,
                header -> LayerText.put(header, 124, LayerText.octal(0, 12))))).hasSize(1); // as GNU tar and Go read it
        refused(new LayerText().pax("size=512").directory("a"), "no file");
        refused(new LayerText().entry('5', "a", "", 0755, new byte[512], header -> {}), "no file");
        refused(new LayerText().entry('1', "a", "b", 0755, new byte[512], header -> {}), "no file");
        refused(new LayerText().entry('2', "a", "b", 0755, new byte[1], header -> {}), "no file");
        refused(new LayerText().pax("path=b").pax("path=c").file("a", ""), "two extended headers");
        refused(new LayerText().pax("path=b").gnu('L', "c").file("a", ""), "both");
        refused(new LayerText().gnu('L', "b").gnu('L', "c").file("a", ""), "two long names");
        refused(new LayerText().pax("path=b", "path=b").file("a", ""), "twice");
        refused(new LayerText().pax("size=5"), "belongs to nothing");
        refused(new LayerText().extension('g', "path=b").file("a", ""), "global");
        refused(new LayerText().extension('g', "size=512").file("a", ""), "global");
        assertThat(Layers.read(new LayerText().extension('g', "comment=0123").file("a", ""))).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "5 a=b", "99 a=b\n", "06 a=b\n", "6  a=b\n", "+6 a=b\n", "-1 a=b\n", "5 a=b\n", "7 a=b\n",
        "6 =ab\n", "6 abc\n", "99999999999999999999 a=b\n", "6\ta=b\n", "6 a=b\nx"})
    void U_12_malformed_extended_headers_are_refused(String body) throws IOException {
        LayerText layer = new LayerText()
                .entry('x', "p", "", 0644, LayerText.bytes(body), header -> {})
                .file("a", "");
        if (body.isEmpty()) {
            assertThat(Layers.read(layer)).hasSize(1);
        } else {
            refused(layer, "malformed");
        }
    }

    @Test
    void U_12_garbage_in_headers_and_after_the_end_is_refused() throws IOException {
        byte[] wrong = new LayerText().file("a", "").bytes();
        wrong[0] = 'b';
        refused(() -> Layers.read(wrong), "checksum");
        refused(file(header -> LayerText.put(header, 124, "0000000000x\0")), "no number");
        refused(file(header -> LayerText.put(header, 124, "00 0000000 \0")), "no number");
        refused(file(header -> LayerText.put(header, 124, "\0".repeat(12))), "no size");
        refused(file(header -> LayerText.put(header, 124, "\377".repeat(12))), "negative size");
        refused(file(header -> LayerText.put(header, 124, "\200\177" + "\377".repeat(10))), "63 bits");
        refused(new LayerText().raw(new byte[512]).file("a", ""), "follows the end");
        refused(new LayerText().raw(new byte[1024]).file("a", ""), "follows the end");
        byte[] cut = java.util.Arrays.copyOf(new LayerText().file("a", "x").unfinished(), 800);
        refused(() -> Layers.read(cut), "in the middle");
        assertThat(Layers.read(new LayerText().file("a", "").unfinished())).hasSize(1);
    }

    @Test
    void U_13_odd_entries_are_refused() throws IOException {
        for (char type : new char[] {'8', '9', 'D', 'M', 'N', 'V', 'X', 'A', ' ', '\u00ff'}) {
            refused(new LayerText().entry(type, "a", "", 0644, new byte[0], header -> {}), "unknown type");
        }
        refused(new LayerText().node('3', "a", 1 << 12, 0), "device 4096:0");
        refused(new LayerText().node('4', "a", 0, 1 << 20), "device 0:1048576");
        for (String time : List.of("x", "1.x", "--1", "1e9", "99999999999999999999", ".5", "1.-5")) {
            refused(new LayerText().pax("mtime=" + time).file("a", ""), "");
        }
        assertThat(Layers.read(new LayerText().pax("mtime=999999999999999999.9").file("a", "").entry(
                '0', "b", "", 0644, new byte[0], header -> LayerText.put(header, 136, "\200\0\0\0\177" + "\377".repeat(7))))).hasSize(2);
    }

    @Test
    void U_13_sparse_files_that_contradict_themselves_are_refused() throws IOException {
        String[] good = {"GNU.sparse.size=10", "GNU.sparse.numblocks=1", "GNU.sparse.map=2,3"};
        assertThat(Layers.read(new LayerText().pax(good).file("a", "abc"))).containsExactly("file \"a\" 10 ..abc.....");
        for (String map : List.of("2,4", "2", "2,3,", "-2,3", "8,3", "999999999999999999,3", "2,2,3,1", "a,b")) {
            refused(new LayerText().pax("GNU.sparse.size=10", "GNU.sparse.numblocks=1", "GNU.sparse.map=" + map).file("a", "abc"), "");
        }
        refused(new LayerText().pax("GNU.sparse.size=10", "GNU.sparse.numblocks=2", "GNU.sparse.map=2,2,3,1").file("a", "abc"),
                "contradicts");
        refused(new LayerText().pax("GNU.sparse.map=2,3").file("a", "abc"), "without");
        refused(new LayerText().pax("GNU.sparse.major=1", "GNU.sparse.minor=1", "GNU.sparse.realsize=9").file("a", "abc"), "not known");
        refused(new LayerText().pax("GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.realsize=9").file("a", "1\n"), "longer");
        refused(new LayerText().pax("GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.realsize=9")
                .file("a", "999999999999\n" + "0\n".repeat(300)), "parts");
        refused(new LayerText().pax("SCHILY.realsize=9").file("a", "abc"), "star");
        refused(new LayerText().pax(good).directory("a"), "no file");
        LayerText huge = new LayerText().pax("GNU.sparse.size=999999999999999", "GNU.sparse.numblocks=0", "GNU.sparse.map=0,0");
        refused(huge.file("a", ""), "");
        refused(new LayerText().pax("GNU.sparse.size=999999999999999", "GNU.sparse.numblocks=1", "GNU.sparse.map=0,1").file("a", "x"),
                "the files of the layer have more than");
    }

    @Test
    void U_13_without_the_control_a_small_layer_has_a_huge_file() throws IOException {
        byte[] archive = new LayerText()
                .pax("GNU.sparse.size=999999999999999", "GNU.sparse.numblocks=1", "GNU.sparse.map=0,1").file("a", "x").bytes();
        assertThat(Layers.read(Layers.blob(MediaTypes.OCI_LAYER, archive), Digest.of(archive),
                LayerLimits.standard().withBytes(Long.MAX_VALUE))).containsExactly("file \"a\" 999999999999999 ...");
    }

    /// Zeros of a length, compressed while they are read.
    private static InputStream zeros(long length) {
        return new InputStream() {
            private final ByteArrayOutputStream out = new ByteArrayOutputStream();
            private GZIPOutputStream gzip;
            private long left = length;
            private byte[] ready = new byte[0];
            private int at;

            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] bytes, int offset, int count) throws IOException {
                while (at == ready.length && left >= 0) {
                    gzip = gzip == null ? new GZIPOutputStream(out, 1 << 16) : gzip;
                    byte[] some = new byte[(int) Math.min(left, 1 << 20)];
                    gzip.write(some);
                    left -= some.length;
                    if (left == 0) {
                        gzip.close();
                        left = -1;
                    }
                    ready = out.toByteArray();
                    out.reset();
                    at = 0;
                }
                int read = Math.min(count, ready.length - at);
                System.arraycopy(ready, at, bytes, offset, read);
                at += read;
                return read == 0 && count > 0 ? -1 : read;
            }
        };
    }

    @Test
    void U_15_a_bomb_is_refused_before_it_has_filled_anything() {
        long limit = 1L << 30;
        refused(() -> Layers.read(Layers.endless(MediaTypes.OCI_LAYER_GZIP, zeros(10L << 30), 100 << 20),
                Digest.of(new byte[0]), LayerLimits.standard().withBytes(limit).withRatio(2000)), "more than " + limit + " bytes");
        refused(() -> Layers.read(Layers.endless(MediaTypes.OCI_LAYER_GZIP, zeros(10L << 30), 100 << 20),
                Digest.of(new byte[0]), LayerLimits.standard().withRatio(500)), "more than 500 times");
    }

    @Test
    void U_15_a_large_layer_takes_no_memory() {
        byte[] header = new LayerText().entry('0', "large", "", 0644, new byte[0],
                block -> LayerText.put(block, 124, LayerText.octal(1L << 30, 12))).unfinished();
        InputStream content = new java.io.SequenceInputStream(new java.io.ByteArrayInputStream(header), new InputStream() {
            private long left = (1L << 30) + 1024;

            @Override
            public int read() {
                return left-- > 0 ? 0 : -1;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                int read = (int) Math.min(left, length);
                java.util.Arrays.fill(bytes, offset, offset + read, (byte) 0);
                left -= read;
                return read == 0 && length > 0 ? -1 : read;
            }
        });
        long before = org.dolium.testing.Allocation.bytes();
        assertThatThrownBy(() -> Layers.read(Layers.endless(MediaTypes.OCI_LAYER, content, (1L << 30) + 1536), Digest.of(header),
                LayerLimits.standard())).isInstanceOf(WrongContentException.class);
        assertThat(org.dolium.testing.Allocation.bytes() - before).isLessThan(4 << 20);
    }

    @Test
    void U_15_without_the_control_a_bomb_comes_out_whole() {
        long length = 256L << 20;
        assertThatThrownBy(() -> Layers.read(Layers.endless(MediaTypes.OCI_LAYER_GZIP, zeros(length), 100 << 20),
                        Digest.of(new byte[0]), LayerLimits.standard().withRatio(1 << 20)))
                .isInstanceOf(WrongContentException.class); // it was read to the end of its content
    }

    @Test
    void U_15_what_follows_compressed_content_is_refused() throws IOException {
        byte[] archive = new LayerText().file("a", "hello").bytes();
        for (byte[] more : List.of(new byte[1], new byte[512], LayerText.bytes("x"), Layers.gzip(new byte[] {1}))) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.writeBytes(Layers.gzip(archive));
            out.writeBytes(more);
            refused(() -> Layers.read(Layers.blob(MediaTypes.OCI_LAYER_GZIP, out.toByteArray()), Digest.of(archive),
                    LayerLimits.standard()), "follows");
        }
        byte[] cut = Layers.gzip(archive);
        refused(() -> Layers.read(Layers.blob(MediaTypes.OCI_LAYER_GZIP, java.util.Arrays.copyOf(cut, cut.length - 1)),
                Digest.of(archive), LayerLimits.standard()), "early");
        cut[cut.length - 8]++;
        refused(() -> Layers.read(Layers.blob(MediaTypes.OCI_LAYER_GZIP, cut), Digest.of(archive), LayerLimits.standard()),
                "checksum");
    }

    @Test
    void U_15_a_zstd_window_of_2_GiB_is_refused() {
        byte[] frame = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, (byte) (21 << 3), 1, 0, 0};
        refused(() -> Layers.read(Layers.blob(MediaTypes.OCI_LAYER_ZSTD, frame), Digest.of(new byte[0]), LayerLimits.standard()),
                "decompressed");
        frame[5] = (byte) (17 << 3); // 128 MiB, an empty archive
        assertThatCode(() -> Layers.read(Layers.blob(MediaTypes.OCI_LAYER_ZSTD, frame), Digest.of(new byte[0]),
                LayerLimits.standard())).doesNotThrowAnyException();
    }

    @Test
    void U_15_empty_members_without_end_are_refused() throws IOException {
        byte[] member = Layers.gzip(new byte[0]);
        refused(() -> Layers.read(Layers.endless(MediaTypes.OCI_LAYER_GZIP, new InputStream() {
            private long at;

            @Override
            public int read() {
                return member[(int) (at++ % member.length)] & 0xff;
            }
        }, Long.MAX_VALUE), Digest.of(new byte[0]), LayerLimits.standard()), "members");
    }

    @Test
    void U_16_too_many_entries_too_deep_and_too_long_names_are_refused() throws IOException {
        refused(new LayerText().pax("path=" + "d/".repeat(1024) + "a").file("a", ""), "more than 1024 names");
        refused(new LayerText().pax("path=" + "n".repeat(256)).file("a", ""), "more than 255 bytes");
        refused(new LayerText().pax("path=" + "n".repeat(256) + "/a").file("a", ""), "more than 255 bytes");
        refused(new LayerText().pax("linkpath=" + "n".repeat(4096)).link("a", "b"), "target of 4096 bytes");
        assertThat(Layers.read(new LayerText().pax("path=" + "d/".repeat(1023) + "n".repeat(255)).file("a", ""))).hasSize(1);
        byte[] one = new LayerText().directory("a").unfinished();
        refused(() -> Layers.read(Layers.endless(MediaTypes.OCI_LAYER, new InputStream() {
            private long at;

            @Override
            public int read() {
                return one[(int) (at++ % one.length)] & 0xff;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                for (int i = 0; i < length; i++) {
                    bytes[offset + i] = (byte) read();
                }
                return length;
            }
        }, Long.MAX_VALUE), Digest.of(one), LayerLimits.standard()), "more than 1000000 entries");
    }

    @Test
    void U_16_without_the_control_the_same_names_and_numbers_are_read() throws IOException {
        byte[] archive = new LayerText().pax("path=" + "d/".repeat(1024) + "a").file("a", "").bytes();
        assertThat(Layers.read(Layers.blob(MediaTypes.OCI_LAYER, archive), Digest.of(archive),
                LayerLimits.standard().withDepth(2000))).hasSize(1);
    }

    @Test
    void U_17_headers_that_claim_gigabytes_are_refused_before_anything_is_allocated() {
        for (char type : new char[] {'x', 'g', 'L', 'K'}) {
            LayerText layer = new LayerText().entry(type, "a", "", 0644, new byte[0],
                    header -> LayerText.put(header, 124, "\200\0\0\0\0\0\0\2\0\0\0\0"));
            long before = org.dolium.testing.Allocation.bytes();
            refused(layer, "more than 1048576 bytes");
            assertThat(org.dolium.testing.Allocation.bytes() - before).isLessThan(4 << 20);
        }
    }

    @Test
    void U_19_a_layer_with_another_content_than_the_configuration_says_is_refused() throws IOException {
        byte[] archive = new LayerText().file("a", "hello").bytes();
        byte[] other = new LayerText().file("a", "jello").bytes();
        assertThatThrownBy(() -> Layers.read(Layers.blob(MediaTypes.OCI_LAYER_GZIP, Layers.gzip(archive)), Digest.of(other),
                        LayerLimits.standard()))
                .isInstanceOf(WrongContentException.class)
                .hasMessageContaining("has the content " + Digest.of(archive));
        assertThat(Layers.read(Layers.blob(MediaTypes.OCI_LAYER_GZIP, Layers.gzip(archive)), Digest.of(archive),
                LayerLimits.standard())).hasSize(1);
    }
}
