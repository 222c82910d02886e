// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.files;

import org.dolium.kernel.Memory;

/// What a file is, from statx(2).
///
/// @param mode type and permissions
/// @param uid the owner
/// @param links how many names it has
/// @param inode its number in the file system
/// @param device the file system's number
/// @param size its length
/// @param allocated how many bytes it takes on the disk
/// @param changed when anything of it changed last, in nanoseconds
public record FileStatus(int mode, long uid, long links, long inode, long device, long size, long allocated, long changed) {
    static final int STATX_BASIC = 0x7ff;
    private static final int TYPE = 0170000;
    private static final long BLOCK = 512;

    static FileStatus of(Memory statx) {
        return new FileStatus(
                statx.getShort(28) & 0xffff,
                statx.getInt(20) & 0xffffffffL,
                statx.getInt(16) & 0xffffffffL,
                statx.getLong(32),
                (long) statx.getInt(136) << 32 | statx.getInt(140) & 0xffffffffL,
                statx.getLong(40),
                statx.getLong(48) * BLOCK,
                statx.getLong(96) * 1_000_000_000 + statx.getInt(104));
    }

    public boolean isDirectory() {
        return (mode & TYPE) == 0040000;
    }

    public boolean isRegular() {
        return (mode & TYPE) == 0100000;
    }

    /// Whether others than the owner may change it.
    public boolean isSharedForWriting() {
        return (mode & 0022) != 0;
    }

    /// Whether both are one and the same file.
    public boolean isSame(FileStatus other) {
        return inode == other.inode && device == other.device;
    }
}
