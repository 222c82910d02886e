// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class PlainArchiveTest {
    private static byte[] gzip(byte[] part, int times) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(bytes)) {
            for (int i = 0; i < times; i++) {
                gzip.write(part);
            }
        }
        return bytes.toByteArray();
    }

    private static long length(byte[] archive) throws IOException {
        try (InputStream in = PlainArchive.open(new ByteArrayInputStream(archive))) {
            return in.transferTo(OutputStream.nullOutputStream());
        }
    }

    @Test
    void a_small_archive_does_not_become_a_large_one() throws IOException {
        assertThat(length(gzip(new byte[1 << 20], 60))).isEqualTo(60 << 20);
        byte[] bomb = gzip(new byte[1 << 20], 80);
        assertThatThrownBy(() -> length(bomb)).isInstanceOf(IOException.class).hasMessageContaining("1000 times as large");
    }

    @Test
    void what_compresses_as_files_do_is_read_whatever_its_size() throws IOException {
        byte[] random = new byte[1 << 16];
        new Random(7).nextBytes(random);
        byte[] half = java.util.Arrays.copyOf(random, 1 << 20);
        assertThat(length(gzip(half, 80))).isEqualTo(80 << 20);
        assertThat(length(random)).isEqualTo(random.length); // not compressed
    }
}
