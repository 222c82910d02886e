// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.dbus;

/// A call of a method of a remote object.
///
/// @param destination the bus name of its owner; only a bus daemon is told
/// @param arguments their bytes, as [WireWriter] gives them
/// @param signature the types of the arguments
public record MethodCall(
        String destination, String path, String face, String member, String signature, WireWriter arguments) {
    private static final int NO_FLAGS = 0;
    private static final int VERSION = 1;

    /// The whole message.
    ///
    /// @param addressed whether the destination is named
    byte[] bytes(int serial, boolean addressed) {
        byte[] body = arguments.bytes();
        WireWriter message = new WireWriter();
        message.u8(Message.LITTLE_ENDIAN).u8(Message.METHOD_CALL).u8(NO_FLAGS).u8(VERSION);
        message.u32(body.length).u32(serial);
        int fields = message.beginArray(8);
        message.struct().u8(Message.PATH).variant("o").objectPath(path);
        message.struct().u8(Message.INTERFACE).variant("s").string(face);
        message.struct().u8(Message.MEMBER).variant("s").string(member);
        if (addressed) {
            message.struct().u8(Message.DESTINATION).variant("s").string(destination);
        }
        if (!signature.isEmpty()) {
            message.struct().u8(Message.SIGNATURE).variant("g").signature(signature);
        }
        return message.endArray(fields, 8).align(8).raw(body).bytes();
    }
}
