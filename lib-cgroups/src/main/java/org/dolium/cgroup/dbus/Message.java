// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.dbus;

import java.net.ProtocolException;
import java.util.Arrays;

/// A message that came: a reply, an error or a signal.
///
/// @param type [#METHOD_RETURN], [#ERROR], [#SIGNAL] or another
/// @param replySerial which call it answers, 0 for none
/// @param face the interface of a signal, or empty
/// @param member the name of a signal, or empty
/// @param error the name of an error, or empty
/// @param sender who sent it, as the bus says, or empty
/// @param signature the types of the body
public record Message(
        int type,
        long replySerial,
        String face,
        String member,
        String error,
        String sender,
        String signature,
        byte[] body) {
    static final int LITTLE_ENDIAN = 'l';
    static final int BIG_ENDIAN = 'B';
    static final int METHOD_CALL = 1;
    static final int METHOD_RETURN = 2;
    static final int ERROR = 3;
    static final int SIGNAL = 4;

    static final int PATH = 1;
    static final int INTERFACE = 2;
    static final int MEMBER = 3;
    static final int ERROR_NAME = 4;
    static final int REPLY_SERIAL = 5;
    static final int DESTINATION = 6;
    static final int SENDER = 7;
    static final int SIGNATURE = 8;

    /// The bytes before the header fields, their length included.
    static final int FIXED = 16;
    /// What a bus may send us is limited by 128 MiB; what systemd sends is much smaller.
    static final int LONGEST = 1 << 20;

    /// The length of the whole message.
    ///
    /// @param fixed its first [#FIXED] bytes
    static int length(byte[] fixed) throws ProtocolException {
        if (fixed[0] == BIG_ENDIAN) {
            throw new ProtocolException("a big-endian D-Bus message: only little-endian ones are understood");
        }
        if (fixed[0] != LITTLE_ENDIAN || fixed[3] != 1) {
            throw new ProtocolException("no D-Bus message of version 1: it begins with " + Arrays.toString(fixed));
        }
        WireReader reader = new WireReader(fixed);
        reader.u32();
        long body = reader.u32();
        reader.u32();
        long length = FIXED + (reader.u32() + 7 & -8) + body;
        if (length > LONGEST) {
            throw new ProtocolException("a D-Bus message of " + length + " bytes: more than " + LONGEST);
        }
        return (int) length;
    }

    /// Reads a whole message, of the length that [#length] told.
    static Message parse(byte[] bytes) throws ProtocolException {
        WireReader reader = new WireReader(bytes);
        reader.u8();
        int type = reader.u8();
        reader.u8();
        reader.u8();
        int body = (int) reader.u32();
        if (reader.u32() == 0) {
            throw new ProtocolException("a D-Bus message with serial number 0");
        }
        String[] texts = {"", "", "", "", "", "", "", "", ""};
        long replySerial = 0;
        int end = reader.array(8);
        while (reader.before(end)) {
            int field = reader.struct().u8();
            if (field == REPLY_SERIAL) {
                replySerial = reader.variant("u").u32();
            } else {
                String text = text(reader);
                texts[field < texts.length ? field : 0] = text;
            }
        }
        reader.align(8);
        if (reader.position() != bytes.length - body) {
            throw new ProtocolException("the lengths in a D-Bus message contradict each other");
        }
        return new Message(
                type, replySerial, texts[INTERFACE], texts[MEMBER], texts[ERROR_NAME], texts[SENDER],
                texts[SIGNATURE], Arrays.copyOfRange(bytes, reader.position(), bytes.length));
    }

    /// A field of the header, whichever: those that are not texts or numbers do not exist.
    private static String text(WireReader reader) throws ProtocolException {
        String type = reader.signature();
        return switch (type) {
            case "s" -> reader.string();
            case "o" -> reader.objectPath();
            case "g" -> reader.signature();
            case "u" -> Long.toString(reader.u32());
            default -> throw new ProtocolException("a header field of a D-Bus message is a '" + type + "'");
        };
    }

    /// The body, which must be of these types.
    public WireReader arguments(String types) throws ProtocolException {
        if (!signature.equals(types)) {
            throw new ProtocolException("a D-Bus message holds '" + signature + "', expected '" + types + "'");
        }
        return new WireReader(body);
    }

    public boolean isSignal(String fromInterface, String name) {
        return type == SIGNAL && face.equals(fromInterface) && member.equals(name);
    }
}
