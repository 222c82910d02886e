// SPDX-License-Identifier: Apache-2.0
package org.dolium.kernel;

import org.dolium.linux.ErrnoException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.dolium.linux.Arg;
import org.dolium.linux.Quoting;
import org.dolium.linux.Sys;

/// An open file descriptor with a single owner. Closing twice does nothing.
public final class Fd implements AutoCloseable {
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int O_CLOEXEC = 0x80000;

    private final AtomicInteger number;

    public Fd(int number) {
        this.number = new AtomicInteger(number);
    }

    /// Opens a path of the host.
    ///
    /// @param flags open(2) flags; `O_CLOEXEC` is added
    public static Fd open(String path, int flags, int mode) throws ErrnoException {
        byte[] name = Arg.terminated(path.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        try (Arena arena = Arena.ofConfined()) {
            Memory memory = Memory.copy(arena, name);
            long result = Kernel.call(Sys.OPENAT, -100, memory.address(), flags | O_CLOEXEC, mode);
            if (Kernel.failed(result)) {
                throw new ErrnoException(
                        "openat(AT_FDCWD, " + Quoting.quote(java.util.Arrays.copyOf(name, name.length - 1)) + ", 0"
                                + Integer.toOctalString(flags) + ")",
                        Kernel.errno(result));
            }
            return new Fd((int) result);
        }
    }

    /// A pipe: the read end, then the write end.
    public static Fd[] pipe() throws ErrnoException {
        return pair(Sys.PIPE2, "pipe2([], O_CLOEXEC)");
    }

    /// A connected pair of `SOCK_SEQPACKET` Unix sockets.
    public static Fd[] socketPair() throws ErrnoException {
        return pair(Sys.SOCKETPAIR, "socketpair(AF_UNIX, SOCK_SEQPACKET|SOCK_CLOEXEC, 0)");
    }

    private static Fd[] pair(Sys sys, String text) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            Memory memory = Memory.allocate(arena, 8);
            long result = sys == Sys.PIPE2
                    ? Kernel.call(sys, memory.address(), O_CLOEXEC, 0)
                    : Kernel.call(sys, 1, 5 | O_CLOEXEC, 0, memory.address());
            Kernel.check(result, text);
            return new Fd[] {
                new Fd(memory.getInt(0)), new Fd(memory.getInt(4))
            };
        }
    }

    /// Writes all of `bytes` with one call, as the files of /proc want it.
    public void write(byte[] bytes, String name) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            Memory memory = Memory.copy(arena, bytes);
            Kernel.check(Kernel.call(Sys.WRITE, number(), memory.address(), bytes.length),
                    "write(" + name + ", " + Quoting.quote(bytes) + ", " + bytes.length + ")");
        }
    }

    /// Closes this at the latest when `arena` closes; an automatic arena does so when nothing refers to it any more.
    @SuppressWarnings("restricted") // no memory is accessed
    public Fd closedWith(Arena arena) {
        MemorySegment.ofAddress(number()).reinterpret(0, arena, new Consumer<>() {
            @Override
            public void accept(MemorySegment segment) {
                close();
            }
        });
        return this;
    }

    /// The number, for use in a system call while this object is open.
    ///
    /// @throws IllegalStateException if closed
    public int number() {
        int n = number.get();
        if (n < 0) {
            throw new IllegalStateException("file descriptor is closed");
        }
        return n;
    }

    public boolean isOpen() {
        return number.get() >= 0;
    }

    /// Another descriptor of the same open file, whose number is at least `least`.
    public Fd copyAbove(int least) throws ErrnoException {
        long copy = Kernel.call(Sys.FCNTL, number(), F_DUPFD_CLOEXEC, least);
        return new Fd((int) Kernel.check(copy, "fcntl(" + number() + ", F_DUPFD_CLOEXEC, " + least + ")"));
    }

    @Override
    public void close() {
        int n = number.getAndSet(-1);
        if (n >= 0) {
            Kernel.call(Sys.CLOSE, n);
        }
    }

    @Override
    public String toString() {
        return "fd " + number.get();
    }
}
