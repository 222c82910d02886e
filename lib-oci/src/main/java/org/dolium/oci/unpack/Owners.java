// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.io.ByteArrayOutputStream;
import org.dolium.namespace.IdMaps;

/// Who owns on the host what a layer says an id of the container owns.
public sealed interface Owners {
    /// The attribute in which umoci and others keep the owner that a plain user can't give a file: a protobuf message of two numbers.
    String RECORD = "user.rootlesscontainers";

    /// The same ids.
    record Kept() implements Owners {}

    /// Whoever unpacks owns everything; who should is written in an extended attribute.
    record Squashed() implements Owners {}

    /// The ids that a user namespace maps to.
    record Mapped(IdMaps uids, IdMaps gids) implements Owners {}

    /// The host's uid.
    ///
    /// @throws LayerException if it has none
    default long uid(Metadata metadata) throws LayerException {
        return this instanceof Mapped mapped ? mapped("uid", mapped.uids(), metadata.uid()) : metadata.uid();
    }

    /// The host's gid.
    ///
    /// @throws LayerException if it has none
    default long gid(Metadata metadata) throws LayerException {
        return this instanceof Mapped mapped ? mapped("gid", mapped.gids(), metadata.gid()) : metadata.gid();
    }

    private static long mapped(String what, IdMaps ids, long inside) throws LayerException {
        long outside = ids.outside(inside);
        if (outside < 0) {
            throw new LayerException("its " + what + " " + inside + " is not mapped");
        }
        return outside;
    }

    /// The value of [#RECORD].
    static byte[] record(Metadata metadata) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        number(out, 1, metadata.uid());
        number(out, 2, metadata.gid());
        return out.toByteArray();
    }

    private static void number(ByteArrayOutputStream out, int field, long value) {
        if (value == 0) {
            return;
        }
        out.write(field << 3);
        long rest = value;
        for (; rest > 0x7f; rest >>>= 7) {
            out.write((int) rest & 0x7f | 0x80);
        }
        out.write((int) rest);
    }

    /// `security.capability` as the kernel keeps it: of the version with the root of a namespace if that is another than the host's; see
    /// capabilities(7), "File capability extended attribute versioning".
    default byte[] capability(byte[] value) throws LayerException {
        boolean second = value.length == 20 && value[3] == 2;
        boolean third = value.length == 24 && value[3] == 3;
        if (!second && !third) {
            throw new LayerException("its security.capability is of no known version");
        }
        if (!(this instanceof Mapped mapped)) {
            return value.clone();
        }
        long root = mapped("uid", mapped.uids(), 0);
        byte[] own = java.util.Arrays.copyOf(value, 24);
        own[3] = 3;
        for (int i = 0; i < 4; i++) {
            own[20 + i] = (byte) (root >>> 8 * i);
        }
        return own;
    }
}
