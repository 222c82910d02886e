// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.MediaTypes;

class LayerProperties {
    @Provide
    Arbitrary<String> names() {
        return Arbitraries.strings().withChars("ab./.\\\0\n \u00ff").ofMaxLength(20);
    }

    @Property
    void U_01_a_path_is_below_the_root_or_refused(@ForAll("names") String name) {
        try {
            LayerPath path = LayerPath.parse(LayerText.bytes(name), 100);
            String text = Layers.text(path.bytes());
            for (byte[] part : path.names()) {
                assertThat(Layers.text(part)).isNotEmpty().isNotIn(".", "..").doesNotContain("/", "\0");
            }
            assertThat(path.isRoot() || java.nio.file.Path.of("/r/" + name).normalize().toString().equals("/r/" + text)).isTrue();
            assertThat(path.isRoot() ? path.parent() : path.parent().resolve(path.name())).isEqualTo(path);
        } catch (LayerException e) {
            assertThat(name).containsAnyOf("..", "\0");
        }
    }

    @Property
    void a_directory_comes_before_what_is_in_it_and_its_bounds_hold_just_that(
            @ForAll("names") String one, @ForAll("names") String other) throws IOException {
        LayerPath a = LayerPath.parse(LayerText.bytes(one.replaceAll("\\.|\0", "c")), 100);
        LayerPath b = LayerPath.parse(LayerText.bytes(other.replaceAll("\\.|\0", "c")), 100);
        if (a.isRoot()) {
            return;
        }
        boolean inside = Layers.text(b.bytes()).startsWith(Layers.text(a.bytes()) + "/");
        boolean between = b.compareTo(a.bound('/')) >= 0 && b.compareTo(a.bound('0')) < 0;
        assertThat(between).isEqualTo(inside);
        assertThat(inside && b.compareTo(a) <= 0).isFalse();
    }

    @Property
    void numbers_of_headers_are_read_as_they_are_written(@ForAll @LongRange(min = 0, max = 0xfffffffeL) long id) throws IOException {
        String binary = "\200" + Layers.text(java.nio.ByteBuffer.allocate(8).putLong(id).array()).substring(1);
        byte[] archive = new LayerText().pax("uid=" + id)
                .entry('0', "a", "", 0644, new byte[0], header -> LayerText.put(header, 116, binary)).bytes();
        try (LayerReader reader = LayerReader.open(
                Layers.blob(MediaTypes.OCI_LAYER, archive), Digest.of(archive), LayerLimits.standard())) {
            Metadata metadata = ((LayerEntry.File) reader.next()).metadata();
            assertThat(List.of(metadata.uid(), metadata.gid())).containsOnly(id);
        }
    }

    @Property
    void gzip_is_read_as_the_jdk_reads_it(@ForAll byte @Size(max = 5000) [] content, @ForAll List<Byte> cuts) throws IOException {
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        int from = 0;
        List<Integer> ends = new ArrayList<>(cuts.stream().map(b -> (b & 0xff) * content.length / 255).sorted().toList());
        ends.add(content.length);
        for (int end : ends) {
            out.writeBytes(Layers.gzip(Arrays.copyOfRange(content, from, end)));
            from = end;
        }
        try (GunzipStream stream = new GunzipStream(new java.io.ByteArrayInputStream(out.toByteArray()))) {
            assertThat(stream.readAllBytes()).isEqualTo(content);
        }
    }

    @Property
    void any_bytes_are_a_layer_or_refused(@ForAll byte @Size(max = 2000) [] bytes, @ForAll boolean summed) {
        byte[] archive = Arrays.copyOf(bytes, (bytes.length + 511) / 512 * 512);
        for (int at = 0; summed && at < archive.length; at += 512) {
            byte[] header = Arrays.copyOfRange(archive, at, at + 512);
            LayerText.put(header, 257, "ustar\00000");
            for (int number : new int[] {100, 108, 116, 124, 136}) {
                LayerText.put(header, number, "000000" + (header[number] & 1) + "\0");
            }
            LayerText.put(header, 132, "   \0");
            LayerText.put(header, 144, "   \0");
            LayerText.sum(header);
            System.arraycopy(header, 0, archive, at, 512);
        }
        try {
            Layers.read(archive);
        } catch (LayerException e) {
            assertThat(e.getMessage()).matches("layer sha256:[ -~]+");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
