// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageReferenceTest {
    private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);
    /// What Go's library takes and Dolium doesn't: a part of a path that looks like a host but is none, ports that are none, and
    /// an algorithm of digests that the image specification doesn't have.
    private static final Set<String> STRICTER =
            Set.of("x.y:99999/z", "x.y:65536/z", "x.y:000001/z", "_x.com/y", "busybox@sha384:" + "0".repeat(96));

    @ParameterizedTest
    @CsvSource({
        "busybox, docker.io, library/busybox, ",
        "busybox:1.36, docker.io, library/busybox, 1.36",
        "foo/bar, docker.io, foo/bar, ",
        "index.docker.io/foo, docker.io, library/foo, ",
        "localhost/foo, localhost, foo, ",
        "localhost:5000/foo/bar:x, localhost:5000, foo/bar, x",
        "[::1]:5000/foo, [::1]:5000, foo, ",
        "FOO/bar, FOO, bar, ",
        "host.example:443/a/b/c, host.example:443, a/b/c, ",
    })
    void what_is_left_out_is_filled_in_by_dockers_rules(String text, String registry, String repository, String tag) {
        ImageReference reference = ImageReference.parse(text);
        assertThat(reference.registry()).isEqualTo(registry);
        assertThat(reference.repository()).isEqualTo(repository);
        assertThat(reference.tag()).isEqualTo(tag);
        assertThat(reference.digest()).isNull();
        assertThat(reference.version()).isEqualTo(tag == null ? "latest" : tag);
    }

    @Test
    void a_digest_decides_and_the_tag_stays() {
        ImageReference reference = ImageReference.parse("busybox:1@" + DIGEST);
        assertThat(reference.version()).isEqualTo(DIGEST);
        assertThat(reference.tag()).isEqualTo("1");
        assertThat(reference).hasToString("docker.io/library/busybox:1@" + DIGEST);
        assertThat(reference.familiar()).isEqualTo("busybox:1@" + DIGEST);
        assertThat(reference.withTag("2")).hasToString("docker.io/library/busybox:2");
        assertThat(reference.withDefaultTag()).isEqualTo(reference);
        assertThat(ImageReference.parse("x").withDefaultTag()).hasToString("docker.io/library/x:latest");
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', value = {
        "Busybox, \"'Busybox' is no reference: 'Busybox' must be lower case\"",
        "a//b, \"'a//b' is no reference: 'a//b' has an empty part\"",
        "a___b, \"'a___b' is no reference: 'a___b' is no part of the name of a repository: these are lower-case letters and"
                + " digits, between them '.', '_', '__' or hyphens\"",
        "x:-y, \"'x:-y' is no reference: '-y' is no tag: these are at most 128 letters, digits, '_', '.' and '-', not beginning"
                + " with '.' or '-'\"",
        "x@sha1:00, \"'x@sha1:00' is no reference: unknown digest algorithm 'sha1'\"",
        "e_x.com/y, \"'e_x.com/y' is no reference: 'e_x.com' is no registry: 'e_x' is no part of the name of a host\"",
        "e.com:99999/y, \"'e.com:99999/y' is no reference: 'e.com:99999' is no registry: ':99999' is no port\"",
    })
    void an_error_says_what_is_wrong_with_which_part(String text, String message) {
        assertThatIllegalArgumentException().isThrownBy(() -> ImageReference.parse(text)).withMessage(message);
    }

    /// The file has names, each with the canonical and the familiar form that Go's reference library of the distribution project,
    /// 2.8.2, gives, or hyphens if it refuses the name.
    @Test
    void R_07_names_are_read_as_the_reference_library_reads_them() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("src/test/resources/references/names.tsv"));
        assertThat(lines).hasSizeGreaterThan(200);
        List<String> differences = new ArrayList<>();
        for (String line : lines) {
            String[] cells = line.split("\t", -1);
            String text = unquoted(cells[0]);
            String expected = STRICTER.contains(text) ? "-" : cells[1];
            String found = canonical(text);
            if (expected.equals("-") && isNewer(text)) {
                assertThat(found).isNotEqualTo("-");
            } else if (!found.equals(expected)) {
                differences.add(line + " but " + found);
            } else if (!found.equals("-")) {
                checkFamiliar(ImageReference.parse(text), cells[2]);
            }
        }
        assertThat(differences).isEmpty();
    }

    /// What Dolium takes and that version of Go's library doesn't, but later ones do: a host in upper case without a dot, an address
    /// of IPv6, and 255 characters for the repository alone.
    private static boolean isNewer(String text) {
        return Set.of("FOO/bar", "Library/busybox", "LOCALHOST/x").contains(text)
                || text.matches("\\[[0-9a-f:]+](:\\d+)?/.*")
                || canonical(text).length() > 255 && canonical(text).replaceFirst("^[^/]*/", "").length() <= 255;
    }

    /// Go's library shortens even where the short form means another image.
    private static void checkFamiliar(ImageReference reference, String gos) {
        assertThat(ImageReference.parse(reference.familiar())).isEqualTo(reference);
        assertThat(reference.familiar()).isIn(gos, reference.toString());
        if (canonical(gos).equals(reference.toString())) {
            assertThat(reference.familiar()).isEqualTo(gos);
        }
    }

    private static String canonical(String text) {
        try {
            return ImageReference.parse(text).toString();
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).matches("[ -~]+").hasSizeLessThan(1000);
            return "-";
        }
    }

    /// Go's escapes: those of Java, and `\x00` and `\u00e9`.
    private static String unquoted(String text) {
        return Pattern.compile("\\\\(?:x|u)([0-9a-f]{2,4})")
                .matcher(text)
                .replaceAll(code -> Matcher.quoteReplacement(Character.toString(Integer.parseInt(code.group(1), 16))))
                .translateEscapes();
    }
}
