// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDocumentTest {
    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();
    static final String HEX = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    static final String BLOB = "'digest': 'sha256:" + HEX + "', 'size': 0";
    static final String CONFIG = "{'mediaType': '" + MediaTypes.OCI_CONFIG + "', " + BLOB + "}";
    static final String MANIFEST = "{'schemaVersion': 2, 'config': " + CONFIG + ", 'layers': [] MORE}";
    static final String INDEX = "{'schemaVersion': 2, 'manifests': [] MORE}";

    private static byte[] bytes(String json) {
        return json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private static ImageDocument manifest(String more) {
        return ImageDocument.parse(bytes(MANIFEST.replace("MORE", more)), MediaTypes.OCI_MANIFEST);
    }

    private static void refused(String json, String mediaType, String problem) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageDocument.parse(bytes(json), mediaType))
                .withMessageContaining(problem)
                .satisfies(e -> assertThat(e.getMessage()).matches("[ -~]+").hasSizeLessThan(500));
    }

    /// Every member of the specification, and some that it doesn't have, at every level.
    @Test
    void every_member_is_kept() throws IOException {
        String descriptor = """
                {'mediaType': 'application/vnd.oci.image.manifest.v1+json', %s, 'urls': ['https://example.com/x'],
                 'annotations': {'b': '2', 'a': '1'}, 'data': '', 'artifactType': 'application/x-some',
                 'platform': {'architecture': 'arm64', 'os': 'linux', 'os.version': '10', 'os.features': ['f'], 'variant': 'v8',
                              'features': ['sse4'], 'other': [1.50, 1e3, 18446744073709551616, null]},
                 'other': {'x': []}}
                """.formatted(BLOB);
        String manifest = """
                {'schemaVersion': 2, 'mediaType': 'application/vnd.oci.image.manifest.v1+json', 'artifactType': 'a/b',
                 'config': %1$s, 'layers': [%1$s, %1$s], 'subject': %1$s, 'annotations': {'x': 'y'}, 'zzz': true, 'aaa': {}}
                """.formatted(descriptor);
        String index = """
                {'schemaVersion': 2, 'mediaType': 'application/vnd.oci.image.index.v1+json', 'artifactType': 'a/b',
                 'manifests': [%1$s], 'subject': %1$s, 'annotations': {'x': 'y'}, 'zzz': true}
                """.formatted(descriptor);
        kept(manifest, MediaTypes.OCI_MANIFEST);
        kept(index, MediaTypes.OCI_INDEX);
        kept(manifest.replace(MediaTypes.OCI_MANIFEST, MediaTypes.DOCKER_MANIFEST), MediaTypes.DOCKER_MANIFEST);
        kept(index.replace(MediaTypes.OCI_INDEX, MediaTypes.DOCKER_INDEX), MediaTypes.DOCKER_INDEX);
    }

    private static void kept(String json, String mediaType) throws IOException {
        ImageDocument document = ImageDocument.parse(bytes(json), mediaType);
        JsonNode written = MAPPER.readTree(document.toJson());
        assertThat(written).isEqualTo(MAPPER.readTree(bytes(json)));
        assertThat(ImageDocument.parse(document.toJson(), mediaType)).isEqualTo(document);
        assertThat(document.type()).isEqualTo(mediaType);
    }

    @Test
    void an_absent_type_is_that_of_oci() {
        assertThat(manifest("").type()).isEqualTo(MediaTypes.OCI_MANIFEST);
        assertThat(manifest(", 'mediaType': null").artifactType()).isNull();
        assertThat(new String(manifest("").toJson(), StandardCharsets.UTF_8)).doesNotContain("\"mediaType\":\"application/vnd.oci.image.manifest");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', value = {
        "MANIFEST, OCI_INDEX, \"has 'config', which makes it something else\"",
        "MANIFEST, DOCKER_INDEX, \"has 'config'\"",
        "INDEX, OCI_MANIFEST, \"has 'manifests'\"",
        "INDEX, DOCKER_MANIFEST, \"has 'manifests'\"",
        "MANIFEST, DOCKER_MANIFEST, \"has no 'mediaType', which Docker's format demands\"",
        "INDEX, DOCKER_INDEX, \"has no 'mediaType'\"",
    })
    void R_01_a_document_has_the_shape_of_its_type(String document, String type, String problem) throws Exception {
        String json = (document.equals("MANIFEST") ? MANIFEST : INDEX).replace("MORE", "");
        refused(json, (String) MediaTypes.class.getField(type).get(null), problem);
    }

    /// Whatever it is called, in the document or where it is named.
    @Test
    void R_01_a_document_of_two_shapes_is_refused() {
        for (String type : MediaTypes.DOCUMENTS) {
            for (String own : MediaTypes.DOCUMENTS) {
                for (String foreign : List.of("'layers': []", "'config': null", "'fsLayers': []", "'history': []", "'signatures': []")) {
                    refused(INDEX.replace("MORE", ", 'mediaType': '" + own + "', " + foreign), type, "");
                }
                refused(MANIFEST.replace("MORE", ", 'mediaType': '" + own + "', 'manifests': null"), type, "has '");
                if (!own.equals(type)) {
                    refused(MANIFEST.replace("MORE", ", 'mediaType': '" + own + "'"), type, "");
                    refused(INDEX.replace("MORE", ", 'mediaType': '" + own + "'"), type, "");
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "application/vnd.docker.distribution.manifest.v1+json", "application/vnd.docker.distribution.manifest.v1+prettyjws",
        "application/json", "text/plain", "", "application/vnd.oci.image.manifest.v1+json; charset=utf-8",
        "APPLICATION/VND.OCI.IMAGE.MANIFEST.V1+JSON"
    })
    void R_01_other_types_are_refused(String type) {
        refused(MANIFEST.replace("MORE", ""), type, "neither a manifest nor an index");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', value = {
        "\"{'schemaVersion': 1}\", $.schemaVersion is '1'", "\"{'schemaVersion': '2'}\", $.schemaVersion is no whole number",
        "\"{'schemaVersion': 2.0}\", $.schemaVersion is no whole number", "\"{}\", \"$ has no 'schemaVersion'\"",
        "\"[]\", $ is no object", "\"\", is empty", "\"{\", is no valid JSON", "\"{'schemaVersion': 2}\", \"$ has no 'layers'\"",
        "\"{'schemaVersion': 2, 'layers': {}, 'config': 1}\", $.config is no object",
    })
    void an_error_names_the_place(String json, String problem) {
        refused(json, MediaTypes.OCI_MANIFEST, problem);
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', value = {
        "'digest': 1, $.subject.digest is no string", "'digest': 'sha256:../../x', $.subject.digest is wrong: digest of sha256 is not",
        "'digest': 'md5:00', $.subject.digest is wrong: unknown digest algorithm 'md5'", "'x': 1, \"$.subject has no 'digest'\"",
    })
    void R_03_a_descriptor_has_a_digest(String member, String problem) {
        refused(MANIFEST.replace("MORE", ", 'subject': {'mediaType': 'a/b', 'size': 0, " + member + "}"),
                MediaTypes.OCI_MANIFEST, problem);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "'size': -1", "'size': 1.0", "'size': 1e3", "'size': '0'", "'size': 9223372036854775808", "'size': null", "'size': true",
        "'size': 1000000000000000000000000000000000"
    })
    void R_02_a_size_is_a_whole_number(String size) {
        refused(MANIFEST.replace("MORE", ", 'subject': {'mediaType': 'a/b', 'digest': 'sha256:" + HEX + "', " + size + "}"),
                MediaTypes.OCI_MANIFEST, "");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        ", 'schemaVersion': 2", ", 'layers': []", ", 'x': 1, 'x': 2", ", 'annotations': {'a': 'b', 'a': 'c'}",
        ", 'Layers': []", ", 'CONFIG': {}", ", 'layer\u017f': []", ", 'MediaType': 'x'", ", 'annotations': {'a': 1}",
        ", 'annotations': []", ", 'annotations': {'a': null}", ", 'x': NaN", ", 'x': Infinity", ", 'x': 01", ", 'x': +1",
        ", 'x': '\\ud800'", ", 'x': '\\udc00\\ud800'", ", '\\ud800': 1", ", 'x': 1,", ", /* */ 'x': 1", ", x: 1",
        "} {'x': 1", "} x", ", 'x': 99999999999999999999999999999999", ", 'x': 1e99999999999"
    })
    void R_02_what_parsers_read_differently_is_refused(String more) {
        refused(MANIFEST.replace("MORE", more), MediaTypes.OCI_MANIFEST, "the manifest");
    }

    @Test
    void R_02_other_encodings_are_refused() {
        String json = MANIFEST.replace("MORE", "").replace('\'', '"');
        refused("\ufeff" + json, MediaTypes.OCI_MANIFEST, "is no valid JSON");
        for (java.nio.charset.Charset charset : List.of(StandardCharsets.UTF_16, StandardCharsets.UTF_16LE)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ImageDocument.parse(json.getBytes(charset), MediaTypes.OCI_MANIFEST));
        }
        byte[] latin = MANIFEST.replace("MORE", ", 'x': 'é'").replace('\'', '"').getBytes(StandardCharsets.ISO_8859_1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageDocument.parse(latin, MediaTypes.OCI_MANIFEST))
                .withMessage("the manifest is not UTF-8");
    }

    @Test
    void R_02_nesting_is_limited() {
        manifest(", 'x': " + "[".repeat(63) + "]".repeat(63));
        refused(MANIFEST.replace("MORE", ", 'x': " + "[".repeat(64) + "]".repeat(64)), MediaTypes.OCI_MANIFEST, "depth");
        refused("[".repeat(1_000_000), MediaTypes.OCI_MANIFEST, "depth");
    }

    @Test
    void R_05_data_is_what_the_digest_names() {
        Descriptor read = manifest(", 'subject': {'mediaType': 'a/b', 'data': '', " + BLOB + "}").subject();
        assertThat(read.content()).isEmpty();
        for (String data : List.of("'AA=='", "'A'", "'AA'", "'===='", "' '", "1")) {
            refused(MANIFEST.replace("MORE", ", 'subject': {'mediaType': 'a/b', 'data': " + data + ", " + BLOB + "}"),
                    MediaTypes.OCI_MANIFEST, "$.subject");
        }
    }

    @Test
    void R_06_sizes_and_counts_are_limited() {
        String entry = CONFIG.replace("'size': 0", "'size': 1");
        String layers = entry + (", " + entry).repeat(500);
        refused(MANIFEST.replace("'layers': []", "'layers': [" + layers + "]").replace("MORE", ""), MediaTypes.OCI_MANIFEST,
                "$.layers has more than 500 elements");
        String images = entry + (", " + entry).repeat(1000);
        refused(INDEX.replace("'manifests': []", "'manifests': [" + images + "]").replace("MORE", ""), MediaTypes.OCI_INDEX,
                "$.manifests has more than 1000 elements");
        manifest(", 'x': '" + "x".repeat(ImageDocument.LIMIT - 1000) + "'");
        refused(MANIFEST.replace("MORE", ", 'x': '" + "x".repeat(ImageDocument.LIMIT) + "'"), MediaTypes.OCI_MANIFEST, "larger than");
        refused(MANIFEST.replace("MORE", ", 'x': [" + "{},".repeat(1_000_000) + "{}]"), MediaTypes.OCI_MANIFEST, "no valid JSON");
    }

    @Test
    void a_media_type_ends_no_line() {
        for (String type : List.of("", "a", "/", "a/", "/a", "a/b/c", "a/b\\r\\nx", "a /b", "a/b;c", "é/x")) {
            refused(MANIFEST.replace("MORE", ", 'subject': {'mediaType': '" + type + "', " + BLOB + "}"), MediaTypes.OCI_MANIFEST,
                    "is no media type");
        }
    }
}
