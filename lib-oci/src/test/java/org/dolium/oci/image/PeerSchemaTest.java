// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What Dolium writes is valid by the JSON schemas of the image specification.
class PeerSchemaTest {
    @TempDir
    Path directory;

    private int validate(String schema, byte[] document) throws Exception {
        return Schemas.validate(directory, schema, document);
    }

    private static byte[] corpus(String name) throws IOException {
        return Files.readAllBytes(Path.of("src/test/resources/fuzz/image-documents/" + name));
    }

    @Test
    void what_is_written_is_valid() throws Exception {
        Descriptor config = Descriptor.of(MediaTypes.OCI_CONFIG, new byte[] {1});
        Descriptor layer = Descriptor.of(MediaTypes.OCI_LAYER_ZSTD, new byte[] {2}).withAnnotations(Map.of("a.b/c", "d"));
        Manifest manifest = Manifest.of(config, List.of(layer, layer));
        assertThat(validate("image-manifest-schema.json", manifest.toJson())).isZero();
        Descriptor image = Descriptor.of(MediaTypes.OCI_MANIFEST, manifest.toJson());
        Index index = Index.of(List.of(image.withPlatform(Platform.parse("arm64/v8".replace("arm64", "linux/arm64"))), image));
        assertThat(validate("image-index-schema.json", index.toJson())).isZero();
        assertThat(validate("image-index-schema.json", Index.of(List.of()).toJson())).isZero();
        ImageConfig small = ImageConfig.of(Platform.parse("amd64"), List.of(layer.digest()));
        assertThat(validate("config-schema.json", small.toJson())).isZero();
        for (String name : List.of("config", "config-full")) {
            assertThat(validate("config-schema.json", ImageConfig.parse(corpus(name)).toJson())).isZero();
        }
        ImageDocument read = ImageDocument.parse(corpus("manifest"), MediaTypes.OCI_MANIFEST);
        assertThat(validate("image-manifest-schema.json", read.toJson())).isZero();
    }

    /// The control: the validator sees what is wrong.
    @Test
    void what_is_wrong_is_not_valid() throws Exception {
        for (String name : List.of("schema1", "index", "config")) {
            assertThat(validate("image-manifest-schema.json", corpus(name))).isNotZero();
        }
    }
}
