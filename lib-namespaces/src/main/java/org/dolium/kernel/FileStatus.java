// SPDX-License-Identifier: Apache-2.0
package org.dolium.kernel;

/// What a file is, from statx(2). Owners are as this JVM sees them, times are seconds and nanoseconds.
///
/// @param mode type and permissions
/// @param mount the number of the mount through which it was reached
public record FileStatus(
        int mode, long uid, long gid, long links, long inode, long device, long size, long mount, long modified, int modifiedNanos,
        long accessed, int accessedNanos, long changed, int changedNanos, long born, int bornNanos) {
    /// The basic set, time of birth and number of the mount.
    static final int MASK = 0x7ff | 0x800 | 0x1000;
    /// The size of the kernel's structure.
    static final int SIZE = 256;
    private static final int TYPE = 0170000;
    private static final long LOW = 0xffffffffL;

    static FileStatus of(Memory statx) {
        return new FileStatus(
                statx.getShort(28) & 0xffff, statx.getInt(20) & LOW, statx.getInt(24) & LOW, statx.getInt(16) & LOW, statx.getLong(32),
                (long) statx.getInt(136) << 32 | statx.getInt(140) & LOW, statx.getLong(40), statx.getLong(144), statx.getLong(112),
                statx.getInt(120), statx.getLong(64), statx.getInt(72), statx.getLong(96), statx.getInt(104), statx.getLong(80),
                statx.getInt(88));
    }

    public boolean isDirectory() {
        return (mode & TYPE) == 0040000;
    }

    public boolean isRegular() {
        return (mode & TYPE) == 0100000;
    }

    public boolean isLink() {
        return (mode & TYPE) == 0120000;
    }

    /// The device 0:0 is to be told apart by who knows the device numbers.
    public boolean isCharacterDevice() {
        return (mode & TYPE) == 0020000;
    }

    public int permissions() {
        return mode & 07777;
    }

    /// Whether both are one and the same file.
    public boolean isSame(FileStatus other) {
        return inode == other.inode && device == other.device;
    }
}
