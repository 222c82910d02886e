// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.image;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/// What is a reference is read as it was written, and nothing else is a reference.
class ImageReferenceProperties {
    @Provide
    Arbitrary<ImageReference> references() {
        Arbitrary<String> hosts = Arbitraries.of(
                "docker.io", "localhost", "localhost:5000", "a.b", "127.0.0.1:1", "[::1]", "[fe80::1]:65535", "UPPER", "x-y.z");
        Arbitrary<String> words = Arbitraries.of("a", "library", "0", "localhost", "foo.bar", "a__b", "a---b", "a_b", "ff".repeat(32));
        Arbitrary<String> paths = words.list().ofMinSize(1).ofMaxSize(3).map(list -> String.join("/", list));
        Arbitrary<String> tags = Arbitraries.of("latest", "1.36", "_", "A-b_c.d", "x".repeat(128));
        Arbitrary<Digest> digests = Arbitraries.of(
                Digest.parse("sha256:" + "0f".repeat(32)), Digest.parse("sha512:" + "0f".repeat(64)));
        return Combinators.combine(hosts, paths, tags.injectNull(0.3), digests.injectNull(0.5)).as(ImageReference::new);
    }

    @Property
    void both_forms_are_read_as_the_reference(@ForAll("references") ImageReference reference) {
        boolean unofficial = reference.registry().equals("docker.io") && reference.repository().indexOf('/') < 0;
        if (!unofficial) { // Docker Hub has no repositories of one part
            assertThat(ImageReference.parse(reference.toString())).isEqualTo(reference);
            assertThat(ImageReference.parse(reference.familiar())).isEqualTo(reference);
        }
    }

    @Property
    void any_text_is_a_reference_or_refused(@ForAll String text) {
        check(text);
    }

    @Property
    void any_text_of_the_letters_of_references_too(@ForAll("texts") String text) {
        check(text);
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.strings().withChars("abA0._-:/@[]%\\ é").ofMaxLength(20);
    }

    private static void check(String text) {
        ImageReference reference;
        try {
            reference = ImageReference.parse(text);
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).matches("[ -~]+").hasSizeLessThan(1000);
            return;
        }
        assertThat(reference.toString()).matches("[A-Za-z0-9._:/@\\[\\]-]+").doesNotContain("//", "/../", "/./");
        assertThat(ImageReference.parse(reference.toString())).isEqualTo(reference);
        assertThat(ImageReference.parse(reference.familiar())).isEqualTo(reference);
    }
}
