// SPDX-License-Identifier: Apache-2.0
package org.dolium.elf;

import java.util.Arrays;

/// A growing run of little-endian bytes, with a list of the places in it that hold an address to be fixed later.
final class Output {
    /// No image is larger than this; it keeps every address and every offset within 31 bits.
    static final int LIMIT = 64 << 20;

    private byte[] bytes;
    private int size;
    private int[] marks = new int[32];
    private int markCount;

    Output(int capacity) {
        bytes = new byte[capacity];
    }

    int size() {
        return size;
    }

    /// The bytes written so far; only the first [#size] count, and only until the next write.
    byte[] bytes() {
        return bytes;
    }

    /// Appends the `count` low bytes of `value`, lowest first.
    void put(long value, int count) {
        reserve(count);
        for (int i = 0; i < count; i++) {
            bytes[size++] = (byte) (value >>> (i * 8));
        }
    }

    /// Appends four bytes. Without a loop, since a first launch runs this in the interpreter.
    void put32(int value) {
        int at = size;
        if (at > bytes.length - 4) {
            reserve(4);
        }
        setInt32(at, value);
        size = at + 4;
    }

    void put(byte[] value) {
        reserve(value.length);
        System.arraycopy(value, 0, bytes, size, value.length);
        size += value.length;
    }

    /// Appends zeros up to a multiple of `alignment`, a power of two.
    void align(int alignment) {
        int padding = -size & (alignment - 1);
        reserve(padding);
        size += padding;
    }

    int int32(int at) {
        return (bytes[at] & 0xff)
                | (bytes[at + 1] & 0xff) << 8
                | (bytes[at + 2] & 0xff) << 16
                | (bytes[at + 3] & 0xff) << 24;
    }

    void setInt32(int at, int value) {
        byte[] target = bytes;
        target[at] = (byte) value;
        target[at + 1] = (byte) (value >>> 8);
        target[at + 2] = (byte) (value >>> 16);
        target[at + 3] = (byte) (value >>> 24);
    }

    /// Notes that an address, so far relative to the constants, will be written at the current end.
    void mark() {
        if (markCount == marks.length) {
            marks = Arrays.copyOf(marks, markCount * 2);
        }
        marks[markCount++] = size;
    }

    int markCount() {
        return markCount;
    }

    int markAt(int index) {
        return marks[index];
    }

    /// Adds `base` to every marked 32-bit word.
    void relocate(int base) {
        for (int i = 0; i < markCount; i++) {
            setInt32(marks[i], Math.addExact(int32(marks[i]), base));
        }
    }

    private void reserve(int count) {
        if (count <= bytes.length - size) {
            return;
        }
        int needed = Math.addExact(size, count);
        if (needed > LIMIT) {
            throw tooLarge();
        }
        bytes = Arrays.copyOf(bytes, Math.max(needed, bytes.length * 2));
    }

    static IllegalArgumentException tooLarge() {
        return new IllegalArgumentException("the launch image is larger than 64 MiB");
    }
}
