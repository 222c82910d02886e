// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.dolium.testing.Fuzz;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Any bytes are a manifest, an index, a configuration or an IllegalArgumentException:
///
/// * at most one of the types that a document may be called with takes them, so that nobody reads another image than others;
/// * the message of a refusal is short and printable;
/// * what was read is written, and read again as the same;
/// * in a second and 128 MiB, for inputs up to 64 KiB.
@Tag("fuzz")
class ImageDocumentFuzzTest {
    private static final List<String> WORDS = List.of(
            "\"schemaVersion\":2,", "\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",", "\"config\":{", "\"layers\":[",
            "\"mediaType\":\"application/vnd.oci.image.index.v1+json\",", "\"manifests\":[", "\"digest\":\"sha256:", "\"size\":0",
            "\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}", "\"data\":\"\"", "\"urls\":[", "\"annotations\":{", "\"subject\":",
            "\"artifactType\":", "\"fsLayers\":[]", "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[", "\"Env\":[\"a=b\"]", "\"Cmd\":",
            "\"history\":[{", "\"created\":\"2024-01-01T00:00:00Z\"", "\"Layers\":", "\\u0000", "\\ud800", "\u017f", "null", "true", "1e3",
            "-1", "{", "}", "[", "]", ",", ":", "\"", "\ufeff", "application/vnd.docker.distribution.manifest.v2+json");

    @Test
    void any_bytes_are_one_document_or_refused() throws Exception {
        Fuzz.Report report = Fuzz.of("image-documents", WORDS, 1000, 128 << 20).run(ImageDocumentFuzzTest::feed);
        assertThat(report.runs()).isGreaterThan(20);
        assertThat(report.kinds()).hasSizeGreaterThan(10);
        assertThat(report.kinds().keySet()).anyMatch(kind -> kind.contains("Manifest2"))
                .anyMatch(kind -> kind.contains("Index2"))
                .anyMatch(kind -> kind.contains("configuration read"));
    }

    private static String feed(byte[] input) {
        String outcome = "";
        int taken = 0;
        for (String type : MediaTypes.DOCUMENTS) {
            try {
                ImageDocument document = ImageDocument.parse(input, type);
                assertThat(document.type()).isEqualTo(type);
                assertThat(ImageDocument.parse(document.toJson(), type)).isEqualTo(document);
                outcome += document.getClass().getSimpleName() + Math.min(document.parts().size(), 4) + " ";
                taken++;
            } catch (IllegalArgumentException e) {
                outcome += refused(e);
            }
        }
        assertThat(taken).isLessThan(2);
        try {
            ImageConfig config = ImageConfig.parse(input);
            assertThat(ImageConfig.parse(config.toJson())).isEqualTo(config);
            return outcome + "configuration read";
        } catch (IllegalArgumentException e) {
            return outcome + refused(e);
        }
    }

    private static String refused(IllegalArgumentException e) {
        assertThat(e.getMessage()).matches("(the (manifest|index|image configuration)|').[ -~]+").hasSizeLessThan(600);
        return e.getMessage().replaceAll("valid JSON.*|\\d+|'.*'|\\$\\S*|which.*", "") + " ";
    }
}
