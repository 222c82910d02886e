// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.layout;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Archives, right and wrong, written header by header.
final class TarText {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    TarText copy() {
        TarText copy = new TarText();
        copy.out.writeBytes(out.toByteArray());
        return copy;
    }

    TarText file(String name, String content) {
        return file(name, content.getBytes(StandardCharsets.UTF_8));
    }

    TarText file(String name, byte[] content) {
        return entry(name, '0', "", octal(content.length), content);
    }

    TarText directory(String name) {
        return entry(name, '5', "", octal(0), new byte[0]);
    }

    TarText link(String name, String target) {
        return entry(name, '2', target, octal(0), new byte[0]);
    }

    TarText extension(char type, String... records) {
        StringBuilder text = new StringBuilder();
        for (String record : records) {
            int length = record.length() + 3;
            text.append(length + Integer.toString(length).length() - 1).append(' ').append(record).append('\n');
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        return entry("PaxHeaders", type, "", octal(bytes.length), bytes);
    }

    static byte[] octal(long size) {
        return String.format("%011o\0", size).getBytes(StandardCharsets.US_ASCII);
    }

    TarText entry(String name, char type, String link, byte[] size, byte[] content) {
        byte[] header = new byte[512];
        put(header, 0, name.getBytes(StandardCharsets.UTF_8));
        put(header, 100, "0000644\0".getBytes(StandardCharsets.US_ASCII));
        put(header, 124, size);
        put(header, 136, octal(0));
        header[156] = (byte) type;
        put(header, 157, link.getBytes(StandardCharsets.UTF_8));
        put(header, 257, "ustar\00000".getBytes(StandardCharsets.US_ASCII));
        int sum = 8 * ' ';
        for (byte b : header) {
            sum += b & 0xff;
        }
        put(header, 148, String.format("%06o\0 ", sum).getBytes(StandardCharsets.US_ASCII));
        return raw(header).raw(content).raw(new byte[(512 - content.length % 512) % 512]);
    }

    private static void put(byte[] header, int at, byte[] bytes) {
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }

    TarText raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    /// The archive with its end.
    byte[] bytes() {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(out.toByteArray());
        whole.writeBytes(new byte[1024]);
        return whole.toByteArray();
    }

    /// The archive without its end.
    byte[] unfinished() {
        return out.toByteArray();
    }
}
