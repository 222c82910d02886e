// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.layout;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// The 512 bytes before a file in an archive, as POSIX and GNU write them.
final class TarHeader {
    static final int SIZE = 512;

    private final byte[] bytes;

    TarHeader(byte[] bytes) {
        this.bytes = bytes;
    }

    boolean isZero() {
        for (byte b : bytes) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    /// The sum of all bytes, with spaces for the sum itself.
    void checkSum() throws IOException {
        int sum = 0;
        for (int i = 0; i < SIZE; i++) {
            sum += i >= 148 && i < 156 ? ' ' : bytes[i] & 0xff;
        }
        if (octal(148, 8) != sum) {
            throw new IOException("a header has a wrong checksum");
        }
    }

    char type() {
        return (char) (bytes[156] & 0xff);
    }

    String name() {
        boolean posix = text(257, 6).equals("ustar") && bytes[263] == '0' && bytes[264] == '0';
        String prefix = posix ? text(345, 155) : "";
        return prefix.isEmpty() ? text(0, 100) : prefix + "/" + text(0, 100);
    }

    String link() {
        return text(157, 100);
    }

    long size() throws IOException {
        if ((bytes[124] & 0x80) == 0) {
            return octal(124, 12);
        }
        long size = bytes[124] & 0x7f;
        for (int i = 125; i < 136; i++) {
            if (size >>> 55 != 0) {
                throw new IOException("a header has a size of more than 63 bits");
            }
            size = size << 8 | bytes[i] & 0xff;
        }
        return size;
    }

    /// Spaces, octal digits, then spaces or NULs.
    private long octal(int from, int length) throws IOException {
        int at = from;
        int end = from + length;
        while (at < end && bytes[at] == ' ') {
            at++;
        }
        long value = 0;
        boolean digits = false;
        for (; at < end && bytes[at] >= '0' && bytes[at] <= '7'; at++) {
            value = value << 3 | bytes[at] - '0';
            digits = true;
        }
        for (; at < end; at++) {
            if (bytes[at] != ' ' && bytes[at] != 0) {
                throw new IOException("a header has a number that is none");
            }
        }
        if (!digits) {
            throw new IOException("a header has no number where one should be");
        }
        return value;
    }

    private String text(int from, int length) {
        int end = from;
        while (end < from + length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, from, end - from, StandardCharsets.UTF_8);
    }
}
