// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// Archives, right and wrong, byte by byte. A `char` of a text is a byte.
final class LayerText {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    LayerText file(String name, String content) {
        return entry('0', name, "", 0644, bytes(content), header -> {});
    }

    LayerText file(String name, int mode, String content) {
        return entry('0', name, "", mode, bytes(content), header -> {});
    }

    LayerText directory(String name) {
        return directory(name, 0755);
    }

    LayerText directory(String name, int mode) {
        return entry('5', name, "", mode, new byte[0], header -> {});
    }

    LayerText link(String name, String target) {
        return entry('2', name, target, 0777, new byte[0], header -> {});
    }

    LayerText hardLink(String name, String target) {
        return hardLink(name, 0644, target);
    }

    LayerText hardLink(String name, int mode, String target) {
        return entry('1', name, target, mode, new byte[0], header -> {});
    }

    LayerText node(char type, String name, int major, int minor) {
        return entry(type, name, "", 0644, new byte[0], header -> {
            put(header, 329, octal(major, 8));
            put(header, 337, octal(minor, 8));
        });
    }

    LayerText pax(String... records) {
        return extension('x', records);
    }

    LayerText extension(char type, String... records) {
        StringBuilder text = new StringBuilder();
        for (String record : records) {
            int plain = record.length() + 2;
            int length = plain + 1;
            while (length != plain + Integer.toString(length).length()) {
                length = plain + Integer.toString(length).length();
            }
            text.append(length).append(' ').append(record).append('\n');
        }
        return entry(type, "PaxHeaders", "", 0644, bytes(text.toString()), header -> {});
    }

    LayerText gnu(char type, String text) {
        return entry(type, "././@LongLink", "", 0, bytes(text + "\0"), header -> put(header, 257, "ustar  \0"));
    }

    /// @param change of the header, before its checksum
    LayerText entry(char type, String name, String link, int mode, byte[] content, Consumer<byte[]> change) {
        byte[] header = new byte[512];
        put(header, 0, name);
        put(header, 100, octal(mode, 8));
        put(header, 108, octal(0, 8));
        put(header, 116, octal(0, 8));
        put(header, 124, octal(content.length, 12));
        put(header, 136, octal(1_000_000_000, 12));
        header[156] = (byte) type;
        put(header, 157, link);
        put(header, 257, "ustar\00000");
        change.accept(header);
        sum(header);
        return raw(header).raw(content).raw(new byte[-content.length & 511]);
    }

    static void sum(byte[] header) {
        put(header, 148, "        ");
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        put(header, 148, String.format("%06o\0 ", sum));
    }

    static String octal(long number, int length) {
        return String.format("%0" + (length - 1) + "o\0", number);
    }

    static void put(byte[] header, int at, String text) {
        System.arraycopy(bytes(text), 0, header, at, text.length());
    }

    LayerText raw(byte[] bytes) {
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
