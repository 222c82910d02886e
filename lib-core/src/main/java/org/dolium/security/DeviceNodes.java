// SPDX-License-Identifier: Apache-2.0
package org.dolium.security;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Sys;
import org.jspecify.annotations.Nullable;

/// The device files at the top of a process's /dev. They are only listed, and only in a memory file system: in any other one
/// the process itself might be the one who answers, or does not.
final class DeviceNodes {
    private static final int RESOLVE_CACHED = 0x20;
    private static final int NEVER_ASKING = 0x4000 | 0x100 | 0x800; // DONT_SYNC, SYMLINK_NOFOLLOW, NO_AUTOMOUNT
    private static final int EMPTY_PATH = 0x1000;
    private static final int STATX_MODE_MOUNT = 0x1003;
    private static final int S_IFCHR = 0020000;
    private static final int S_IFBLK = 0060000;
    private static final int MOST = 500;
    private static final String EXPECTED = " null c 1:3 zero c 1:5 full c 1:7 random c 1:8 urandom c 1:9 tty c 5:0 ptmx c 5:2 ";

    private DeviceNodes() {}

    /// Opens /dev without asking any file system: a directory that something is mounted on is known to the kernel.
    static @Nullable Fd open(ProcDirectory process) {
        try (Fd root = process.root()) {
            return ProcDirectory.openAt(root, "dev", ProcDirectory.DIRECTORY, RESOLVE_CACHED | 0x08 | 0x04 | 0x02);
        } catch (ErrnoException e) {
            return null; // there is none, or this user may not look
        }
    }

    /// What is in it, as `null c 1:3`.
    ///
    /// @param mounts the process's mounts, read while `dev` was open: its mount's number can't be another's
    /// @return null if it is no memory file system
    static @Nullable List<String> list(Fd dev, List<MountEntry> mounts) {
        try (Arena arena = Arena.ofConfined()) {
            Memory statx = Memory.allocate(arena, 256);
            if (!stat(dev, "", EMPTY_PATH, arena, statx) || !inMemory(statx.getLong(144), mounts)) {
                return null;
            }
            List<String> nodes = new ArrayList<>();
            try (DirectoryStream<Path> names = Files.newDirectoryStream(Path.of("/proc/self/fd/" + dev.number()))) {
                for (Path path : names) {
                    String name = String.valueOf(path.getFileName());
                    if (nodes.size() < MOST && stat(dev, name, 0, arena, statx)) {
                        add(nodes, name, statx);
                    }
                }
            }
            return nodes;
        } catch (IOException | DirectoryIteratorException e) {
            return null;
        }
    }

    private static boolean inMemory(long mount, List<MountEntry> mounts) {
        for (int i = 0; i < mounts.size(); i++) {
            if (mounts.get(i).id() == mount) {
                return mounts.get(i).type().endsWith("tmpfs");
            }
        }
        return false;
    }

    private static boolean stat(Fd dev, String name, int flags, Arena arena, Memory statx) {
        return Kernel.call(Sys.STATX, dev.number(), ProcDirectory.name(arena, name), NEVER_ASKING | flags, STATX_MODE_MOUNT,
                statx.address(), 0) == 0;
    }

    private static void add(List<String> nodes, String name, Memory statx) {
        int type = statx.getShort(28) & 0170000;
        if (type == S_IFCHR || type == S_IFBLK) {
            nodes.add(ProcText.printable(name, false) + (type == S_IFCHR ? " c " : " b ") + statx.getInt(128) + ":"
                    + statx.getInt(132));
        }
    }

    /// Whether a container has this device by default, under this name.
    static boolean expected(String node) {
        return EXPECTED.contains(" " + node + " ") || node.startsWith("console c 136:") || node.equals("console c 5:1");
    }
}
