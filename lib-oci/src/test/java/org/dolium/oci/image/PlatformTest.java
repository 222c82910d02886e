// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlatformTest {
    @ParameterizedTest
    @CsvSource({
        "x86_64, linux/amd64", "linux/x86-64, linux/amd64", "linux/amd64/v1, linux/amd64", "linux/amd64/v3, linux/amd64/v3",
        "aarch64, linux/arm64", "linux/arm64/v8, linux/arm64", "linux/arm64/8, linux/arm64", "linux/arm64/v9.0, linux/arm64/v9",
        "linux/arm64/v8.2, linux/arm64/v8.2", "linux/arm, linux/arm/v7", "linux/arm/6, linux/arm/v6", "linux/armhf, linux/arm/v7",
        "linux/armel, linux/arm/v6", "i386, linux/386", "Linux/AMD64, linux/amd64", "macos/arm64, darwin/arm64",
        "riscv64, linux/riscv64", "linux/future, linux/future",
    })
    void the_usual_words_are_used(String text, String platform) {
        assertThat(Platform.parse(text)).hasToString(platform);
        assertThat(Platform.parse(platform)).hasToString(platform);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "linux/", "linux//v8", "a/b/c/d", "linux", "linux/am d64", "linux/é", "future"})
    void what_is_no_platform_is_refused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Platform.parse(text));
    }

    @ParameterizedTest
    @CsvSource({
        "amd64, amd64, 0", "amd64, linux/amd64/v1, 0", "amd64, linux/amd64/v2, -1", "linux/amd64/v3, amd64, 20",
        "linux/amd64/v3, linux/amd64/v2, 10", "linux/arm/v7, linux/arm/v6, 10", "linux/arm/v6, linux/arm/v7, -1",
        "arm64, linux/arm64/v8, 0", "linux/arm64/v9, linux/arm64/v8.5, 5", "linux/arm64/v9, linux/arm64/v8.6, -1",
        "linux/arm64/v9.1, linux/arm64/v8.6, 5", "arm64, linux/arm/v7, -1", "amd64, 386, -1", "amd64, windows/amd64, -1",
        "linux/mips/hard, linux/mips/hard, 0", "linux/mips/hard, linux/mips/soft, -1",
    })
    void the_newest_variant_that_runs_is_best(String here, String image, int rank) {
        assertThat(Platform.parse(here).rank(Platform.parse(image))).isEqualTo(rank);
    }

    @Test
    void an_index_gives_the_best_image() {
        List<Descriptor> entries = new ArrayList<>();
        entries.add(attestation(image("unknown/unknown")));
        for (String platform : List.of("linux/arm/v5", "linux/arm/v7", "linux/arm/v6", "amd64", "arm64", "amd64")) {
            entries.add(image(platform));
        }
        Index index = Index.of(entries);
        assertThat(index.select(Platform.parse("linux/arm/v6"))).isSameAs(entries.get(3));
        assertThat(index.select(Platform.parse("linux/arm/v7"))).isSameAs(entries.get(2));
        assertThat(index.select(Platform.parse("amd64"))).isSameAs(entries.get(4));
        assertThat(index.select(Platform.parse("linux/arm64/v8.4"))).isSameAs(entries.get(5));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> index.select(Platform.parse("s390x")))
                .withMessage("there is no image for linux/s390x; there are images for linux/arm/v5, linux/arm/v7, linux/arm/v6,"
                        + " linux/amd64, linux/arm64, linux/amd64");
    }

    @Test
    void attestations_and_artifacts_are_no_images() {
        Descriptor artifact = new Descriptor(
                MediaTypes.OCI_MANIFEST, Digest.of(new byte[0]), 0, List.of(), Map.of(), null, "application/x-sbom",
                Platform.parse("amd64"), Map.of());
        Descriptor blob = Descriptor.of(MediaTypes.OCI_LAYER, new byte[0]).withPlatform(Platform.parse("amd64"));
        Descriptor signed = attestation(image("amd64"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Index.of(List.of(artifact, blob, signed, image("unknown/unknown")))
                        .select(Platform.parse("amd64")))
                .withMessageContaining("there are no images at all");
    }

    @Test
    void an_image_without_a_platform_is_taken_if_it_is_the_only_one() {
        Descriptor plain = image("amd64").withPlatform(null);
        assertThat(Index.of(List.of(plain)).select(Platform.parse("arm64"))).isSameAs(plain);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Index.of(List.of(plain, plain)).select(Platform.parse("arm64")))
                .withMessageContaining("no platform, no platform");
    }

    private static Descriptor image(String platform) {
        Platform needed = platform.startsWith("unknown") ? Platform.of("unknown", "unknown") : Platform.parse(platform);
        return Descriptor.of(MediaTypes.OCI_MANIFEST, platform.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .withPlatform(needed);
    }

    private static Descriptor attestation(Descriptor image) {
        return image.withAnnotations(Map.of("vnd.docker.reference.type", "attestation-manifest"));
    }
}
