// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pack;

import org.dolium.kernel.Memory;

/// What the kernel says about an inode; see statx(2).
record Status(
        int mode, long uid, long gid, int links, long inode, long device, long size, long blocks, long seconds, int nanos, int major,
        int minor) {
    static final int TYPE = 0170000;
    static final int SOCKET = 0140000;
    static final int LINK = 0120000;
    static final int REGULAR = 0100000;
    static final int BLOCK = 0060000;
    static final int DIRECTORY = 0040000;
    static final int CHARACTER = 0020000;
    static final int FIFO = 0010000;

    /// @param statx what the call wrote
    static Status of(Memory statx) {
        long device = (long) statx.getInt(136) << 32 | statx.getInt(140) & 0xffffffffL;
        return new Status(
                statx.getShort(28) & 0xffff, statx.getInt(20) & 0xffffffffL, statx.getInt(24) & 0xffffffffL, statx.getInt(16),
                statx.getLong(32), device, statx.getLong(40), statx.getLong(48), statx.getLong(112), statx.getInt(120),
                statx.getInt(128), statx.getInt(132));
    }

    int type() {
        return mode & TYPE;
    }

    boolean isDirectory() {
        return type() == DIRECTORY;
    }

    boolean isRegular() {
        return type() == REGULAR;
    }

    /// What overlayfs takes for a removal.
    boolean isWhiteout() {
        return type() == CHARACTER && major == 0 && minor == 0;
    }

    int permissions() {
        return mode & 07777;
    }

    /// Whether it is certainly stored with holes.
    boolean isSparse() {
        return isRegular() && blocks * 512 < size;
    }
}
