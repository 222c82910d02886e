// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.dolium.kernel.Fd;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.MediaTypes;
import org.dolium.testing.Canary;
import org.dolium.testing.Fuzz;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Any bytes are a layer, plain or compressed, or an IOException:
///
/// * the message of a refusal is short and printable;
/// * what is written of it is in its directory, can be removed, and nothing outside has changed;
/// * in a second and 64 MiB, for inputs up to 64 KiB.
@Tag("fuzz")
class LayerFuzzTest {
    private static final List<String> WORDS = List.of(
            "ustar\u000000", "ustar  \u0000", "../", "./", "/", "\u0000", ".wh.", ".wh..wh..opq", "0000644\u0000", "00000001000\u0000",
            "00000000000\u0000", "77777777777\u0000", "12 path=abc\n", "9 size=1\n", "10 uid=99\n", "GNU.sparse.major=1",
            "GNU.sparse.map=0,1", "SCHILY.xattr.user.a=b", "linkpath=", "\u0080\u0000\u0000\u0000\u0000\u0000\u0000\u0000");

    @TempDir
    Path directory;

    @Test
    void any_bytes_are_a_layer_or_refused() throws Exception {
        Canary canary = Canary.make(Files.createDirectory(directory.resolve("canary")));
        Fuzz.Report report = Fuzz.of("layers", WORDS, 1000, 64 << 20).run(input -> feed(input, canary));
        assertThat(report.runs()).isGreaterThan(20);
        assertThat(report.kinds()).hasSizeGreaterThan(5);
    }

    private String feed(byte[] input, Canary canary) throws IOException {
        byte[] archive = summed(input);
        String outcome = unpack(MediaTypes.OCI_LAYER, archive);
        outcome += unpack(MediaTypes.OCI_LAYER_GZIP, input);
        canary.check();
        return outcome;
    }

    /// With right checksums wherever a header may be, else nothing would get past the first.
    private static byte[] summed(byte[] input) {
        byte[] archive = input.clone();
        for (int at = 0; at + 512 <= archive.length; at += 512) {
            byte[] header = Arrays.copyOfRange(archive, at, at + 512);
            if (header[257] == 'u' && header[258] == 's') {
                LayerText.sum(header);
                System.arraycopy(header, 0, archive, at, 512);
            }
        }
        return archive;
    }

    private String unpack(String type, byte[] blob) throws IOException {
        Path root = Files.createDirectory(directory.resolve("root"));
        LayerLimits limits = LayerLimits.standard().withBytes(64 << 20);
        LayerPolicy policy = LayerPolicy.of(LayerPolicy.Removals.APPLIED, new Owners.Squashed());
        try (TreeCalls calls = new TreeCalls();
                Fd at = Fd.open(root.toString(), 0, 0)) {
            LayerUnpack.write(Layers.blob(type, blob), Digest.of(blob), limits, calls, at, policy);
            return "unpacked";
        } catch (IOException e) {
            assertThat(e.getMessage()).matches("[ -~]+").hasSizeLessThan(2500);
            return e.getMessage().replaceAll("\"(\\\\.|[^\"\\\\])*\"|\\d+|sha256:\\S+", "") + " ";
        } finally {
            LayerUnpack.remove(root);
        }
    }
}
