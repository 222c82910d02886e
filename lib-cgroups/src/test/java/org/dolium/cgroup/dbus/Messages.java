// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.dbus;

/// Messages that only the other side sends.
public final class Messages {
    private Messages() {}

    public static byte[] signal(String face, String member, String sender, String signature, WireWriter body) {
        WireWriter message = header(Message.SIGNAL, body);
        int fields = message.beginArray(8);
        message.struct().u8(Message.PATH).variant("o").objectPath("/org/freedesktop/systemd1");
        message.struct().u8(Message.INTERFACE).variant("s").string(face);
        message.struct().u8(Message.MEMBER).variant("s").string(member);
        return ended(message, fields, sender, signature, body);
    }

    public static byte[] reply(long serial, String sender, String signature, WireWriter body) {
        WireWriter message = header(Message.METHOD_RETURN, body);
        int fields = message.beginArray(8);
        message.struct().u8(Message.REPLY_SERIAL).variant("u").u32(serial);
        return ended(message, fields, sender, signature, body);
    }

    public static byte[] error(long serial, String sender, String name, String text) {
        WireWriter body = new WireWriter().string(text);
        WireWriter message = header(Message.ERROR, body);
        int fields = message.beginArray(8);
        message.struct().u8(Message.REPLY_SERIAL).variant("u").u32(serial);
        message.struct().u8(Message.ERROR_NAME).variant("s").string(name);
        return ended(message, fields, sender, "s", body);
    }

    private static WireWriter header(int type, WireWriter body) {
        return new WireWriter().u8(Message.LITTLE_ENDIAN).u8(type).u8(0).u8(1).u32(body.size()).u32(99);
    }

    private static byte[] ended(WireWriter message, int fields, String sender, String signature, WireWriter body) {
        if (!sender.isEmpty()) {
            message.struct().u8(Message.SENDER).variant("s").string(sender);
        }
        if (!signature.isEmpty()) {
            message.struct().u8(Message.SIGNATURE).variant("g").signature(signature);
        }
        return message.endArray(fields, 8).align(8).raw(body.bytes()).bytes();
    }
}
