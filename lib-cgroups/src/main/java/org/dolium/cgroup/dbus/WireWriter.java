// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.dbus;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Values as little-endian D-Bus bytes, each at its alignment. The caller writes them in the order of a signature.
public final class WireWriter {
    static final int LONGEST_SIGNATURE = 255;
    private static final int FIRST_CAPACITY = 256;

    private ByteBuffer buffer = ByteBuffer.allocate(FIRST_CAPACITY).order(ByteOrder.LITTLE_ENDIAN);

    /// What was written.
    public byte[] bytes() {
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    int size() {
        return buffer.position();
    }

    /// Pads with zeros to a multiple of `alignment`.
    WireWriter align(int alignment) {
        int padding = -buffer.position() & alignment - 1;
        room(padding);
        for (int i = 0; i < padding; i++) {
            buffer.put((byte) 0);
        }
        return this;
    }

    /// `y`
    public WireWriter u8(int value) {
        room(1);
        buffer.put((byte) value);
        return this;
    }

    /// `b`
    public WireWriter bool(boolean value) {
        return u32(value ? 1 : 0);
    }

    /// `i`
    public WireWriter i32(int value) {
        align(4).room(4);
        buffer.putInt(value);
        return this;
    }

    /// `u`
    public WireWriter u32(long value) {
        if (value < 0 || value > 0xFFFF_FFFFL) {
            throw new IllegalArgumentException("no 32 bits without sign: " + value);
        }
        return i32((int) value);
    }

    /// `t`
    public WireWriter u64(long value) {
        align(8).room(8);
        buffer.putLong(value);
        return this;
    }

    /// `s`
    ///
    /// @throws IllegalArgumentException if the text has a NUL, or half a surrogate pair
    public WireWriter string(String text) {
        byte[] utf8 = utf8(text);
        u32(utf8.length);
        room(utf8.length + 1);
        buffer.put(utf8).put((byte) 0);
        return this;
    }

    /// `o`
    public WireWriter objectPath(String path) {
        if (!Names.objectPath(path)) {
            throw new IllegalArgumentException("no object path: '" + path + "'");
        }
        return string(path);
    }

    /// `g`
    public WireWriter signature(String types) {
        byte[] ascii = utf8(types);
        if (ascii.length > LONGEST_SIGNATURE) {
            throw new IllegalArgumentException("a signature of " + ascii.length + " bytes");
        }
        u8(ascii.length);
        room(ascii.length + 1);
        buffer.put(ascii).put((byte) 0);
        return this;
    }

    /// Begins a structure, or an entry of a dictionary.
    public WireWriter struct() {
        return align(8);
    }

    /// Begins a variant: its value follows.
    public WireWriter variant(String type) {
        return signature(type);
    }

    /// Begins an array.
    ///
    /// @param alignment of its elements
    /// @return for [#endArray]
    public int beginArray(int alignment) {
        u32(0);
        int lengthAt = buffer.position() - 4;
        align(alignment);
        return lengthAt;
    }

    /// Ends an array.
    ///
    /// @param lengthAt what [#beginArray] gave
    /// @param alignment the same as there
    public WireWriter endArray(int lengthAt, int alignment) {
        int start = lengthAt + 4 + alignment - 1 & -alignment;
        buffer.putInt(lengthAt, buffer.position() - start);
        return this;
    }

    /// Bytes that are marshalled already and begin at an alignment of 8.
    WireWriter raw(byte[] bytes) {
        room(bytes.length);
        buffer.put(bytes);
        return this;
    }

    private void room(int bytes) {
        if (buffer.remaining() < bytes) {
            int capacity = Math.max(2 * buffer.capacity(), buffer.position() + bytes);
            buffer = ByteBuffer.wrap(Arrays.copyOf(buffer.array(), capacity))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .position(buffer.position());
        }
    }

    private static byte[] utf8(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a text with a NUL");
        }
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            return Arrays.copyOf(bytes.array(), bytes.limit());
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("a text that is not Unicode", e);
        }
    }
}
