// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.layout;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dolium.oci.blob.Contents;
import org.dolium.oci.blob.ImageSource;
import org.dolium.oci.image.Descriptor;
import org.dolium.testing.Fuzz;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Any file is an archive of images, of both kinds, or an IOException:
///
/// * the message of a refusal is short and printable;
/// * an image that it names can be read, or reading it is refused;
/// * in a second and 128 MiB, for inputs up to 64 KiB.
@Tag("fuzz")
class ImageArchiveFuzzTest {
    private static final List<String> WORDS = List.of(
            "oci-layout", "index.json", "manifest.json", "blobs/sha256/", "ustar\u000000", "ustar  \u0000", "../", "./", "/", "\u0000",
            "0000000", "0000644\u0000", "00000000000\u0000", "77777777777\u0000", "path=", "size=", "linkpath=", "GNU.sparse.major=1",
            "12 path=abc\n", "9 size=1\n", "layer.tar", "\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000");

    @TempDir
    Path directory;

    @Test
    void any_file_is_an_archive_or_refused() throws Exception {
        Fuzz.Report report = Fuzz.of("image-archives", WORDS, 1000, 128 << 20).run(this::feed);
        assertThat(report.runs()).isGreaterThan(20);
        assertThat(report.kinds()).hasSizeGreaterThan(5);
    }

    private String feed(byte[] input) throws IOException {
        Path file = Files.write(directory.resolve("image.tar"), input);
        String outcome;
        try (ImageSource source = DockerArchive.read(file)) {
            outcome = "docker " + resolved(source);
        } catch (IOException e) {
            outcome = refused(e);
        }
        try (ImageSource source = OciLayout.read(file)) {
            return outcome + "layout " + resolved(source);
        } catch (IOException e) {
            return outcome + refused(e);
        }
    }

    private static String resolved(ImageSource source) throws IOException {
        Descriptor root = source.resolve("");
        return "with " + Contents.document(source, root).parts().size() + " parts ";
    }

    private static String refused(IOException e) {
        assertThat(e.getMessage()).matches("[ -~]+").hasSizeLessThan(1500);
        return e.getMessage().replaceAll("'[^']*'|\\d+|valid JSON.*|sha256:\\S+|\\$\\S*", "") + " ";
    }
}
