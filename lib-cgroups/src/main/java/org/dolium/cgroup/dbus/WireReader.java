// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.dbus;

import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// Reads little-endian D-Bus bytes that somebody else wrote. Whatever is wrong with them is a [ProtocolException].
public final class WireReader {
    private static final int LONGEST_ARRAY = 1 << 26;

    private final ByteBuffer bytes;

    public WireReader(byte[] bytes) {
        this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    int position() {
        return bytes.position();
    }

    /// Whether everything was read.
    public boolean atEnd() {
        return !bytes.hasRemaining();
    }

    /// Insists that everything was read.
    public void end() throws ProtocolException {
        if (!atEnd()) {
            throw new ProtocolException(bytes.remaining() + " bytes too many in a D-Bus message");
        }
    }

    /// Skips the padding before a value, which must be zeros.
    WireReader align(int alignment) throws ProtocolException {
        int padding = -bytes.position() & alignment - 1;
        need(padding);
        for (int i = 0; i < padding; i++) {
            if (bytes.get() != 0) {
                throw new ProtocolException("padding in a D-Bus message is not zero");
            }
        }
        return this;
    }

    /// `y`
    public int u8() throws ProtocolException {
        need(1);
        return bytes.get() & 0xFF;
    }

    /// `b`
    public boolean bool() throws ProtocolException {
        long value = u32();
        if (value > 1) {
            throw new ProtocolException("a boolean of a D-Bus message is " + value);
        }
        return value == 1;
    }

    /// `i`
    public int i32() throws ProtocolException {
        align(4).need(4);
        return bytes.getInt();
    }

    /// `u`
    public long u32() throws ProtocolException {
        return Integer.toUnsignedLong(i32());
    }

    /// `t`
    public long u64() throws ProtocolException {
        align(8).need(8);
        return bytes.getLong();
    }

    /// `s`
    public String string() throws ProtocolException {
        return text(u32());
    }

    /// `o`
    public String objectPath() throws ProtocolException {
        String path = string();
        if (!Names.objectPath(path)) {
            throw new ProtocolException("'" + path + "' in a D-Bus message is no object path");
        }
        return path;
    }

    /// `g`
    public String signature() throws ProtocolException {
        return text(u8());
    }

    /// The beginning of a structure, or of an entry of a dictionary.
    public WireReader struct() throws ProtocolException {
        return align(8);
    }

    /// The beginning of a variant that must be of one type.
    public WireReader variant(String type) throws ProtocolException {
        String actual = signature();
        if (!actual.equals(type)) {
            throw new ProtocolException("a variant of a D-Bus message is a '" + actual + "', expected '" + type + "'");
        }
        return this;
    }

    /// The beginning of an array.
    ///
    /// @return where it ends: its elements are to be read while [#before] says so
    public int array(int alignment) throws ProtocolException {
        long length = u32();
        if (length > LONGEST_ARRAY) {
            throw new ProtocolException("an array of a D-Bus message has " + length + " bytes");
        }
        align(alignment).need(length);
        return bytes.position() + (int) length;
    }

    /// Whether another element begins before the end of an array.
    public boolean before(int end) throws ProtocolException {
        if (bytes.position() > end) {
            throw new ProtocolException("an element of a D-Bus message reaches beyond the end of its array");
        }
        return bytes.position() < end;
    }

    private String text(long length) throws ProtocolException {
        need(length + 1);
        int end = bytes.position() + (int) length;
        for (int i = bytes.position(); i < end; i++) {
            if (bytes.get(i) == 0) {
                throw new ProtocolException("a NUL in a text of a D-Bus message");
            }
        }
        if (bytes.get(end) != 0) {
            throw new ProtocolException("a text of a D-Bus message does not end where its length says");
        }
        String text = decoded(bytes.slice(bytes.position(), (int) length));
        bytes.position(end + 1);
        return text;
    }

    private static String decoded(ByteBuffer utf8) throws ProtocolException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
        } catch (CharacterCodingException e) {
            throw (ProtocolException) new ProtocolException("a text of a D-Bus message is not UTF-8").initCause(e);
        }
    }

    private void need(long count) throws ProtocolException {
        if (count > bytes.remaining()) {
            throw new ProtocolException("a value of a D-Bus message needs " + count + " bytes, but only "
                    + bytes.remaining() + " are left");
        }
    }
}
