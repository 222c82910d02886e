// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TarIndexTest {
    @TempDir
    Path directory;

    private Map<String, TarIndex.Entry> read(byte[] bytes) throws IOException {
        Path file = Files.write(directory.resolve("x.tar"), bytes);
        try (FileChannel channel = FileChannel.open(file)) {
            return TarIndex.read(channel);
        }
    }

    private void refused(TarText tar, String problem) {
        refused(tar.bytes(), problem);
    }

    private void refused(byte[] bytes, String problem) {
        assertThatThrownBy(() -> read(bytes)).isInstanceOf(IOException.class).hasMessageContaining(problem)
                .satisfies(e -> assertThat(e.getMessage()).matches("[ -~]+").hasSizeLessThan(400));
    }

    @Test
    void files_are_found_under_their_plain_names() throws IOException {
        assertThat(read(new TarText().directory("./").file("./a", "x").directory("b/").file("b//./c", "yz").bytes()))
                .containsOnlyKeys("a", "b/c")
                .containsEntry("b/c", new TarIndex.Entry(4 * 512 + 512, 2, null));
    }

    @Test
    void extended_headers_count_for_the_next_file_only() throws IOException {
        String name = "x".repeat(300);
        Map<String, TarIndex.Entry> entries = read(new TarText()
                .extension('g', "comment=none")
                .extension('x', "path=" + name, "size=5", "mtime=1.5")
                .entry("short", '0', "", TarText.octal(0), "12345".getBytes(StandardCharsets.UTF_8))
                .entry("L", 'L', "", TarText.octal(4), "long".getBytes(StandardCharsets.UTF_8))
                .file("short", "abc")
                .file("other", "")
                .bytes());
        assertThat(entries).containsOnlyKeys(name, "long", "other");
        assertThat(entries.get(name).size()).isEqualTo(5);
    }

    /// What GNU tar writes of the same tree in each of its formats.
    @Test
    void archives_of_gnu_tar_are_read() throws Exception {
        Path tree = Files.createDirectories(directory.resolve("tree/" + "d".repeat(90)));
        Files.writeString(tree.resolve("f".repeat(120)), "content");
        for (String format : new String[] {"gnu", "posix", "pax"}) {
            Path file = directory.resolve(format + ".tar");
            Process tar = new ProcessBuilder(
                            MustRun.program("tar"), "-C", directory.resolve("tree").toString(), "--format=" + format, "-cf",
                            file.toString(), ".")
                    .inheritIO()
                    .start();
            assertThat(tar.waitFor()).isZero();
            assertThat(read(Files.readAllBytes(file))).containsOnlyKeys("d".repeat(90) + "/" + "f".repeat(120));
        }
    }

    @Test
    void what_readers_disagree_about_is_refused() {
        refused(new TarText().file("a", "x").file("a", "y"), "has 'a' twice");
        refused(new TarText().file("a", "x").file("./a", "y"), "has 'a' twice");
        refused(new TarText().file("a", "x").directory("a/"), "has 'a' twice");
        refused(new TarText().file("../a", "x"), "leads outside");
        refused(new TarText().file("a/../../b", "x"), "leads outside");
        refused(new TarText().file("/a", "x"), "leads outside");
        refused(new TarText().entry("a", '1', "b", TarText.octal(0), new byte[0]), "an entry of type '1'");
        refused(new TarText().entry("a", 'S', "", TarText.octal(0), new byte[0]), "an entry of type 'S'");
        refused(new TarText().entry("a", '3', "", TarText.octal(0), new byte[0]), "an entry of type '3'");
        refused(new TarText().entry("a", '5', "", TarText.octal(5), "12345".getBytes(StandardCharsets.UTF_8)), "with content");
        refused(new TarText().extension('x', "size=1", "size=2").file("a", ""), "twice");
        refused(new TarText().extension('x', "GNU.sparse.major=1").file("a", ""), "sparse");
        refused(new TarText().extension('x', "size=-1").file("a", ""), "a number that is none");
        refused(new TarText().extension('x', "size=99999999999999999999").file("a", ""), "a number that is none");
        refused(new TarText().extension('x', "size=999999999999999999").file("a", ""), "in the middle of a file");
        refused(new TarText().extension('g', "path=x").file("a", ""), "global name or size");
        for (String record : new String[] {"5 a=b\n", "7 a=b\n", "6 a=bX", "x a=b\n", "6 abc\n", "99999999999999 a=b\n", "\0"}) {
            byte[] bytes = record.getBytes(StandardCharsets.UTF_8);
            refused(new TarText().entry("x", 'x', "", TarText.octal(bytes.length), bytes).file("a", ""), "extended header");
        }
    }

    @Test
    void sizes_are_not_believed() {
        refused(new TarText().entry("a", '0', "", TarText.octal(8_589_934_591L), new byte[0]), "in the middle of a file");
        refused(new TarText().entry("a", 'x', "", TarText.octal(8_589_934_591L), new byte[0]), "more than 1048576 bytes");
        refused(new TarText().entry("a", 'L', "", TarText.octal(1 << 21), new byte[1 << 21]), "more than 1048576 bytes");
        byte[] huge = new byte[12];
        Arrays.fill(huge, (byte) 0xff);
        refused(new TarText().entry("a", '0', "", huge, new byte[0]), "more than 63 bits");
        refused(new TarText().entry("a", '0', "", "0000000000x\0".getBytes(StandardCharsets.UTF_8), new byte[0]), "a number that is none");
        refused(new TarText().entry("a", '0', "", "           \0".getBytes(StandardCharsets.UTF_8), new byte[0]), "no number");
    }

    @Test
    void an_archive_that_ends_early_is_refused() {
        refused(new byte[0], "ends early");
        refused(new byte[511], "ends early");
        refused(new TarText().file("a", "x").unfinished(), "ends early");
        byte[] whole = new TarText().file("a", "x").bytes();
        refused(Arrays.copyOf(whole, 600), "ends early");
        whole[0] = 'b';
        refused(whole, "wrong checksum");
    }
}
