// SPDX-License-Identifier: Apache-2.0
package org.dolium.state;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Sys;
import org.jspecify.annotations.Nullable;

/// A process that was found again by its pid and the time of its birth, and then is held by a pidfd: whoever has its pid later is never
/// taken for it. It may have ended and not be waited for.
public final class Alive implements AutoCloseable {
    /// The place of the time of birth among what follows the name; see proc_pid_stat(5).
    private static final int BIRTH = 19;
    /// The sizes of `struct pollfd` and `struct timespec`, which is zero.
    private static final int POLL = 8;
    private static final int TIME = 16;
    private static final short POLLIN = 1;

    private final int pid;
    private final Fd pidfd;

    private Alive(int pid, Fd pidfd) {
        this.pid = pid;
        this.pidfd = pidfd;
    }

    /// @param birth as [#birth] told it
    /// @return null if it is gone
    public static @Nullable Alive find(int pid, long birth) throws ErrnoException {
        long opened = Kernel.call(Sys.PIDFD_OPEN, pid, 0, 0);
        if (opened == -Errno.ESRCH.value() || opened == -Errno.EINVAL.value()) {
            return null; // nobody, or a thread by now
        }
        Fd pidfd = new Fd((int) Kernel.check(opened, "pidfd_open(" + pid + ", 0)"));
        try {
            if (birth(pid) == birth) { // asked after the descriptor was opened: it is this one's
                return new Alive(pid, pidfd);
            }
        } catch (IOException e) {
            // it is gone
        }
        pidfd.close();
        return null;
    }

    /// When a process was born, in ticks since the machine was.
    public static long birth(int pid) throws IOException {
        try {
            String text = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
            String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
            return Long.parseLong(fields[BIRTH]);
        } catch (NoSuchFileException e) {
            throw new IOException("process " + pid + " has ended", e);
        }
    }

    /// The pid namespace of this JVM, by a name that no other one has.
    public static String pidNamespace() throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
    }

    public int pid() {
        return pid;
    }

    /// Has something to read when it has ended.
    public Fd pidfd() {
        return pidfd;
    }

    /// @return whether it was there to get it; 0 only asks
    public boolean signal(int number) {
        return pidfd.isOpen() && Kernel.call(Sys.PIDFD_SEND_SIGNAL, pidfd.number(), number, 0, 0) == 0;
    }

    /// Whether it has ended, also if nobody has waited for it yet.
    public boolean hasEnded() {
        try (Arena arena = Arena.ofConfined()) {
            if (!pidfd.isOpen()) {
                return true;
            }
            Memory poll = Memory.allocate(arena, POLL + TIME);
            poll.putInt(0, pidfd.number());
            poll.putShort(4, POLLIN);
            return Kernel.call(Sys.PPOLL, poll.address(), 1, poll.address() + POLL, 0, 0, 0) > 0;
        }
    }

    @Override
    public void close() {
        pidfd.close();
    }
}
