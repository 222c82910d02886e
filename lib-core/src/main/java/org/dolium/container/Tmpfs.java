// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import org.dolium.linux.MountFlags;
import org.dolium.mount.Mount;

/// An empty file system in memory; see tmpfs(5). Without further words: 64 MiB, one inode for each 4 KiB, mode 01777, no
/// set-user-id programs, no devices, and nothing in it can be executed.
///
/// ```java
/// builder.mount(Tmpfs.of("/scratch").size(MemorySize.mebibytes(16)).inodes(1000).mode(0700).executable());
/// ```
///
/// @param target an absolute path in the container
/// @param size the most that its files hold
/// @param inodes the most files and directories, 0 for one per 4 KiB of its size but at least 1024
/// @param mode the permissions of its root, from 0 to 07777
/// @param isExecutable whether programs in it can be executed
public record Tmpfs(String target, MemorySize size, long inodes, int mode, boolean isExecutable) {
    private static final long BYTES_PER_INODE = 4096;
    private static final long FEWEST_INODES = 1024;

    public Tmpfs {
        if (size.bytes() == 0) {
            throw new IllegalArgumentException("tmpfs '" + target + "': size is zero, which is no limit for the kernel");
        }
        if (inodes < 0) {
            throw new IllegalArgumentException("tmpfs '" + target + "': " + inodes + " inodes");
        }
        if ((mode & ~07777) != 0) {
            throw new IllegalArgumentException("tmpfs '" + target + "': mode is not between 0 and 07777");
        }
    }

    public static Tmpfs of(String target) {
        return new Tmpfs(target, MemorySize.mebibytes(64), 0, 01777, false);
    }

    public Tmpfs size(MemorySize size) {
        return new Tmpfs(target, size, inodes, mode, isExecutable);
    }

    public Tmpfs inodes(long inodes) {
        return new Tmpfs(target, size, inodes, mode, isExecutable);
    }

    public Tmpfs mode(int mode) {
        return new Tmpfs(target, size, inodes, mode, isExecutable);
    }

    public Tmpfs executable() {
        return new Tmpfs(target, size, inodes, mode, true);
    }

    /// The mount; checks the target.
    Mount mount() {
        int attributes = MountFlags.NOSUID | MountFlags.NODEV | (isExecutable ? 0 : MountFlags.NOEXEC);
        long most = inodes == 0 ? inodesFor(size.bytes()) : inodes;
        return new Mount.Tmpfs(target, size.bytes(), most, mode, attributes);
    }

    static long inodesFor(long bytes) {
        return Math.max(FEWEST_INODES, bytes / BYTES_PER_INODE);
    }
}
