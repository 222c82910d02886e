// SPDX-License-Identifier: Apache-2.0
package org.dolium.elf;

import java.util.Arrays;
import java.util.List;

/// The read-only data of an image. Equal constants share one place. Offsets are relative to the start of the data.
final class Constants {
    /// Bounds the search, so that strings chosen to collide cost space and not time.
    private static final int PROBES = 8;

    private final Output out = new Output(4096);
    private int[] slots = new int[256];
    private int[] offsets = new int[64];
    private int[] lengths = new int[64];
    private int[] hashes = new int[64];
    private int count;

    Output output() {
        return out;
    }

    /// The offset of `value`, a multiple of 8.
    int place(byte[] value) {
        int hash = Arrays.hashCode(value);
        int found = find(value, value.length, hash, 7);
        if (found >= 0) {
            return found;
        }
        out.align(8);
        int offset = out.size();
        out.put(value);
        remember(offset, value.length, hash);
        return offset;
    }

    /// The offset of a NULL-terminated array of pointers to NUL-terminated strings, a multiple of 8.
    int place(List<byte[]> strings) {
        int count = strings.size();
        int[] pointers = new int[count];
        for (int i = 0; i < count; i++) {
            pointers[i] = placeString(strings.get(i));
        }
        out.align(8);
        int offset = out.size();
        for (int i = 0; i < count; i++) {
            out.mark();
            out.put(pointers[i], 8);
        }
        out.put(0, 8);
        return offset;
    }

    /// The offset of a length and a pointer to `program`, a multiple of 8.
    int placeFilter(byte[] program, int length) {
        int pointer = place(program);
        out.align(8);
        int offset = out.size();
        out.put(length, 8);
        out.mark();
        out.put(pointer, 8);
        return offset;
    }

    /// The offset of a `struct msghdr`, a multiple of 8.
    int placeMessage(byte[] data, byte[] control) {
        int dataAt = place(data);
        int controlAt = place(control);
        out.align(8);
        int vector = out.size();
        out.mark();
        out.put(dataAt, 8);
        out.put(data.length, 8);
        int offset = out.size();
        out.put(0, 8); // no address
        out.put(0, 8);
        out.mark();
        out.put(vector, 8);
        out.put(1, 8);
        out.mark();
        out.put(controlAt, 8);
        out.put(control.length, 8);
        out.put(0, 8); // flags
        return offset;
    }

    private int placeString(byte[] value) {
        int length = Math.addExact(value.length, 1);
        int hash = Arrays.hashCode(value) * 31; // of the bytes with their NUL
        int found = find(value, length, hash, 0);
        if (found >= 0) {
            return found;
        }
        int offset = out.size();
        out.put(value);
        out.put(0, 1);
        remember(offset, length, hash);
        return offset;
    }

    /// @param length the length of the constant: that of `value`, or one more for a terminating NUL
    private int find(byte[] value, int length, int hash, int misaligned) {
        for (int probe = 0; probe < PROBES; probe++) {
            int entry = slots[slot(hash, probe)] - 1;
            if (entry < 0) {
                return -1;
            }
            int at = offsets[entry];
            boolean similar = hashes[entry] == hash && lengths[entry] == length && (at & misaligned) == 0;
            if (similar && holds(at, value, length)) {
                return at;
            }
        }
        return -1;
    }

    private boolean holds(int at, byte[] value, int length) {
        byte[] bytes = out.bytes();
        return Arrays.equals(bytes, at, at + value.length, value, 0, value.length)
                && (length == value.length || bytes[at + value.length] == 0);
    }

    private void remember(int offset, int length, int hash) {
        if (count == offsets.length) {
            grow();
        }
        offsets[count] = offset;
        lengths[count] = length;
        hashes[count] = hash;
        insert(count++);
    }

    private void grow() {
        offsets = Arrays.copyOf(offsets, count * 2);
        lengths = Arrays.copyOf(lengths, count * 2);
        hashes = Arrays.copyOf(hashes, count * 2);
        slots = new int[slots.length * 2];
        for (int i = 0; i < count; i++) {
            insert(i);
        }
    }

    private void insert(int entry) {
        for (int probe = 0; probe < PROBES; probe++) {
            int slot = slot(hashes[entry], probe);
            if (slots[slot] == 0) {
                slots[slot] = entry + 1;
                return;
            }
        }
    }

    private int slot(int hash, int probe) {
        return ((hash * 0x9e3779b9 >>> 8) + probe) & (slots.length - 1);
    }
}
