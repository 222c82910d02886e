// SPDX-License-Identifier: Apache-2.0
package org.dolium.security;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.OpenFlags;
import org.dolium.linux.Sys;
import org.dolium.namespace.NamespaceKind;

/// The directory /proc/PID of one process, held open. It means that process for as long as it is open, also after its pid
/// was given to another: then nothing in it can be read any more.
final class ProcDirectory implements AutoCloseable {
    static final int BENEATH = 0x08 | 0x04 | 0x02 | 0x01; // BENEATH, NO_SYMLINKS, NO_MAGICLINKS, NO_XDEV
    static final int DIRECTORY = 0x280000 | OpenFlags.directory(Kernel.ARCH); // O_PATH, O_CLOEXEC
    private static final long PROC_SUPER_MAGIC = 0x9fa0;
    private static final int O_CLOEXEC = 0x80000;
    private static final int STATX_INO = 0x100;
    private static final int CHUNK = 16384;

    private final long pid;
    private final Fd directory;
    private final Fd pidfd;
    private boolean cut;

    private ProcDirectory(long pid, Fd directory, Fd pidfd) {
        this.pid = pid;
        this.directory = directory;
        this.pidfd = pidfd;
    }

    /// @throws IOException if there is no such process
    static ProcDirectory open(long pid) throws IOException {
        long process = Kernel.call(Sys.PIDFD_OPEN, pid, 0, 0);
        if (process == -Errno.ESRCH.value() || process == -Errno.EINVAL.value()) {
            throw new IOException("there is no process " + pid);
        }
        Fd pidfd = new Fd((int) Kernel.check(process, "pidfd_open(" + pid + ", 0)"));
        try (Fd proc = Fd.open("/proc", DIRECTORY, 0)) {
            checkProc(proc);
            ProcDirectory opened =
                    new ProcDirectory(pid, openAt(proc, Long.toString(pid), DIRECTORY, BENEATH), pidfd);
            if (!opened.alive()) {
                opened.close();
                throw new IOException("there is no process " + pid);
            }
            return opened;
        } catch (IOException e) {
            pidfd.close();
            throw e;
        }
    }

    private static void checkProc(Fd proc) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Memory statfs = Memory.allocate(arena, 128);
            Kernel.check(Kernel.call(Sys.FSTATFS, proc.number(), statfs.address(), 0), "fstatfs(</proc>)");
            if (statfs.getLong(0) != PROC_SUPER_MAGIC) {
                throw new IOException("/proc is no procfs: nothing in it can be believed");
            }
        }
    }

    /// Whether it is certain that everything read until now was of this process, which was neither dead nor reaped.
    boolean alive() {
        return Kernel.call(Sys.PIDFD_SEND_SIGNAL, pidfd.number(), 0, 0, 0) != -Errno.ESRCH.value();
    }

    /// @param resolve restrictions of openat2(2)
    static Fd openAt(Fd directory, String name, int flags, int resolve) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            Memory how = Memory.allocate(arena, 24);
            how.putLong(0, flags | O_CLOEXEC);
            how.putLong(16, resolve);
            long opened = Kernel.call(
                    Sys.OPENAT2, directory.number(), name(arena, name), how.address(), 24);
            return new Fd((int) Kernel.check(opened, "openat2(" + directory + ", \"" + name + "\")"));
        }
    }

    static long name(Arena arena, String name) {
        return Memory.copy(arena, Arg.terminated(name.getBytes(StandardCharsets.UTF_8))).address();
    }

    /// Reads a file, or as much of it as `most` bytes; see [#wasCut].
    String read(String file, int most) throws ErrnoException {
        cut = false;
        try (Fd source = openAt(directory, file, 0, BENEATH);
                Arena arena = Arena.ofConfined()) {
            Memory buffer = Memory.allocate(arena, CHUNK);
            StringBuilder text = new StringBuilder();
            while (true) {
                long n = Kernel.call(Sys.READ, source.number(), buffer.address(), CHUNK);
                Kernel.check(n, "read(</proc/" + pid + "/" + file + ">)");
                if (n == 0) {
                    return text.toString();
                }
                if (text.length() + n > most) {
                    cut = true;
                    return text.toString();
                }
                text.append(new String(buffer.head((int) n), StandardCharsets.ISO_8859_1));
            }
        }
    }

    /// Whether the last file was longer than what was read of it.
    boolean wasCut() {
        return cut;
    }

    /// The inodes of its namespaces by the ordinal of their kind; 0 for those that this user may not see.
    long[] namespaces() {
        NamespaceKind[] kinds = NamespaceKind.values();
        long[] inodes = new long[kinds.length];
        try (Arena arena = Arena.ofConfined()) {
            Memory statx = Memory.allocate(arena, 256);
            for (int i = 0; i < kinds.length; i++) {
                long name = name(arena, "ns/" + kinds[i].procName());
                long result =
                        Kernel.call(Sys.STATX, directory.number(), name, 0, STATX_INO, statx.address(), 0);
                inodes[i] = result == 0 ? statx.getLong(32) : 0;
            }
        }
        return inodes;
    }

    /// The process's root directory, as a place to look from: no name is looked up in it.
    Fd root() throws ErrnoException {
        return openAt(directory, "root", DIRECTORY, 0);
    }

    @Override
    public void close() {
        directory.close();
        pidfd.close();
    }
}
