// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The 512 bytes before each entry of an archive, read strictly: what readers of archives disagree about is an error.
final class HeaderBlock {
    static final int SIZE = 512;

    private static final int MAGIC = 257;

    private final byte[] bytes;

    HeaderBlock(byte[] bytes) {
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
    void checkSum() throws LayerException {
        int sum = 0;
        for (int i = 0; i < SIZE; i++) {
            sum += i >= 148 && i < 156 ? ' ' : bytes[i] & 0xff;
        }
        if (isBlank(148, 8) || number("checksum", 148, 8) != sum) {
            throw new LayerException("its header has a wrong checksum");
        }
    }

    char type() {
        return (char) (bytes[156] & 0xff);
    }

    boolean isGnu() {
        return new String(bytes, MAGIC, 8, StandardCharsets.ISO_8859_1).equals("ustar  \0");
    }

    private boolean isPosix() {
        return new String(bytes, MAGIC, 8, StandardCharsets.ISO_8859_1).equals("ustar\00000");
    }

    byte[] name() {
        byte[] name = text(0, 100);
        byte[] prefix = isPosix() ? text(345, 155) : new byte[0];
        if (prefix.length == 0) {
            return name;
        }
        byte[] whole = Arrays.copyOf(prefix, prefix.length + 1 + name.length);
        whole[prefix.length] = '/';
        System.arraycopy(name, 0, whole, prefix.length + 1, name.length);
        return whole;
    }

    byte[] link() {
        return text(157, 100);
    }

    int mode() throws LayerException {
        return (int) atLeastZero("mode", 100, 8) & 07777;
    }

    long uid() throws LayerException {
        return atLeastZero("owner", 108, 8);
    }

    long gid() throws LayerException {
        return atLeastZero("group", 116, 8);
    }

    long size() throws LayerException {
        if (isBlank(124, 12)) {
            throw new LayerException("its header has no size");
        }
        return atLeastZero("size", 124, 12);
    }

    long seconds() throws LayerException {
        return number("time", 136, 12);
    }

    long major() throws LayerException {
        return atLeastZero("device number", 329, 8);
    }

    long minor() throws LayerException {
        return atLeastZero("device number", 337, 8);
    }

    /// A number of the map of a sparse file; see the GNU tar manual, "Old GNU Format".
    long sparse(int at) throws LayerException {
        return atLeastZero("map of a sparse file", at, 12);
    }

    boolean isBlank(int from, int length) {
        for (int i = from; i < from + length; i++) {
            if (bytes[i] != 0 && bytes[i] != ' ') {
                return false;
            }
        }
        return true;
    }

    int byteAt(int at) {
        return bytes[at];
    }

    private long atLeastZero(String what, int from, int length) throws LayerException {
        long number = number(what, from, length);
        if (number < 0) {
            throw new LayerException("its header has a negative " + what);
        }
        return number;
    }

    /// Octal digits, or what has the highest bit set, a binary number. Nothing at all is zero.
    private long number(String what, int from, int length) throws LayerException {
        return (bytes[from] & 0x80) != 0 ? binary(what, from, length) : octal(what, from, length);
    }

    private long binary(String what, int from, int length) throws LayerException {
        int first = bytes[from] & 0xff;
        if (first != 0x80 && first != 0xff) {
            throw new LayerException("its header has a " + what + " of more than 63 bits");
        }
        long value = first == 0xff ? -1 : 0;
        for (int i = from + 1; i < from + length; i++) {
            if (value >> 55 != value >> 63) {
                throw new LayerException("its header has a " + what + " of more than 63 bits");
            }
            value = value << 8 | bytes[i] & 0xff;
        }
        return value;
    }

    private long octal(String what, int from, int length) throws LayerException {
        int at = from;
        int end = from + length;
        while (at < end && bytes[at] == ' ') {
            at++;
        }
        long value = 0;
        for (; at < end && bytes[at] >= '0' && bytes[at] <= '7'; at++) {
            value = value << 3 | bytes[at] - '0';
        }
        for (; at < end; at++) {
            if (bytes[at] != ' ' && bytes[at] != 0) {
                throw new LayerException("its header has a " + what + " that is no number");
            }
        }
        return value;
    }

    private byte[] text(int from, int length) {
        int end = from;
        while (end < from + length && bytes[end] != 0) {
            end++;
        }
        return Arrays.copyOfRange(bytes, from, end);
    }
}
