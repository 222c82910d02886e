// SPDX-License-Identifier: Apache-2.0
package org.dolium.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Zeroed native memory for the structures of system calls, in the machine's byte order.
///
/// It is read and written as a byte buffer: the first access of a memory segment through a layout makes the JVM generate
/// classes, about 8 ms in a new JVM.
public final class Memory {
    private static final int ALIGNMENT = 16;

    private final long address;
    private final ByteBuffer bytes;

    private Memory(MemorySegment segment) {
        this.address = segment.address();
        this.bytes = segment.asByteBuffer().order(ByteOrder.nativeOrder());
    }

    /// `size` bytes that live as long as `arena`.
    public static Memory allocate(Arena arena, int size) {
        return new Memory(arena.allocate(size, ALIGNMENT));
    }

    /// A copy of `content`.
    public static Memory copy(Arena arena, byte[] content) {
        Memory memory = allocate(arena, content.length);
        memory.put(0, content, 0, content.length);
        return memory;
    }

    public long address() {
        return address;
    }

    public int size() {
        return bytes.limit();
    }

    public byte getByte(int at) {
        return bytes.get(at);
    }

    public short getShort(int at) {
        return bytes.getShort(at);
    }

    public int getInt(int at) {
        return bytes.getInt(at);
    }

    public long getLong(int at) {
        return bytes.getLong(at);
    }

    public void putShort(int at, short value) {
        bytes.putShort(at, value);
    }

    public void putInt(int at, int value) {
        bytes.putInt(at, value);
    }

    public void putLong(int at, long value) {
        bytes.putLong(at, value);
    }

    public void put(int at, byte[] source, int offset, int length) {
        bytes.put(at, source, offset, length);
    }

    public void get(int at, byte[] target, int offset, int length) {
        bytes.get(at, target, offset, length);
    }

    /// The first `length` bytes.
    public byte[] head(int length) {
        byte[] head = new byte[length];
        get(0, head, 0, length);
        return head;
    }

    /// Sets every byte to zero.
    public void clear() {
        for (int i = 0; i < bytes.limit(); i += Long.BYTES) {
            bytes.putLong(i, 0);
        }
    }
}
