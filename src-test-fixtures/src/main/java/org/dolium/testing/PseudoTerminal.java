// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A terminal of the host as somebody sits at it: what is printed is read all the time, keys can be typed, the window changes.
public final class PseudoTerminal implements AutoCloseable {
    private static final boolean X86 = System.getProperty("os.arch").equals("amd64");
    private static final int READ = X86 ? 0 : 63;
    private static final int WRITE = X86 ? 1 : 64;
    private static final int CLOSE = X86 ? 3 : 57;
    private static final int IOCTL = X86 ? 16 : 29;
    private static final int OPENAT = X86 ? 257 : 56;
    private static final int PPOLL = X86 ? 271 : 73;
    private static final int O_RDWR_NOCTTY_CLOEXEC = 0x80102;
    private static final int TCGETS = 0x5401;
    private static final int TIOCSWINSZ = 0x5414;
    private static final int TIOCGPTN = 0x80045430;
    private static final int TIOCSPTLCK = 0x40045431;
    private static final int TERMIOS = 36;
    private static final int CHUNK = 65536;
    private static final MethodHandle SYSCALL = syscall();

    private final long master;
    private final int number;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final Thread reader;
    private volatile boolean closed;

    private PseudoTerminal(long master, int number) {
        this.master = master;
        this.number = number;
        this.reader = Thread.ofPlatform().daemon().name("pseudo-terminal").start(this::read);
    }

    @SuppressWarnings("restricted") // what sits at a terminal is a program
    private static MethodHandle syscall() {
        ValueLayout.OfLong word = ValueLayout.JAVA_LONG;
        return Linker.nativeLinker().downcallHandle(
                Linker.nativeLinker().defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(word, word, word, word, word, word, word));
    }

    private static long call(long number, long a, long b, long c, long d, long e) {
        try {
            return (long) SYSCALL.invokeExact(number, a, b, c, d, e);
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }

    private static long checked(long result, String call) throws IOException {
        if (result < 0) {
            throw new IOException(call + " failed");
        }
        return result;
    }

    /// A new terminal of 24 rows and 80 columns.
    public static PseudoTerminal open() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            long master = checked(
                    call(OPENAT, -100, arena.allocateFrom("/dev/ptmx").address(), O_RDWR_NOCTTY_CLOEXEC, 0, 0), "open /dev/ptmx");
            MemorySegment word = arena.allocate(8, 8);
            checked(call(IOCTL, master, TIOCSPTLCK, word.address(), 0, 0), "TIOCSPTLCK");
            checked(call(IOCTL, master, TIOCGPTN, word.address(), 0, 0), "TIOCGPTN");
            PseudoTerminal terminal = new PseudoTerminal(master, word.get(ValueLayout.JAVA_INT, 0));
            terminal.resize(24, 80);
            return terminal;
        }
    }

    /// Where programs open it.
    public File file() {
        return new File("/dev/pts/" + number);
    }

    /// The same command on this terminal, as the leader of its session.
    public ProcessBuilder connect(ProcessBuilder command) {
        List<String> words = new ArrayList<>(List.of("setsid", "-c"));
        words.addAll(command.command());
        return command.command(words).redirectInput(file()).redirectOutput(file()).redirectError(file());
    }

    public void type(String keys) throws IOException {
        byte[] bytes = keys.getBytes(StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            checked(call(WRITE, master, memory.address(), bytes.length, 0, 0), "write");
        }
    }

    public void resize(int rows, int columns) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment winsize = arena.allocate(8, 8);
            winsize.set(ValueLayout.JAVA_SHORT, 0, (short) rows);
            winsize.set(ValueLayout.JAVA_SHORT, 2, (short) columns);
            checked(call(IOCTL, master, TIOCSWINSZ, winsize.address(), 0, 0), "TIOCSWINSZ");
        }
    }

    /// Its mode: a `struct termios`.
    public byte[] mode() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment termios = arena.allocate(64, 8);
            checked(call(IOCTL, master, TCGETS, termios.address(), 0, 0), "TCGETS");
            return termios.asSlice(0, TERMIOS).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /// Everything that was printed until now.
    public String printed() {
        synchronized (printed) {
            return printed.toString(StandardCharsets.UTF_8);
        }
    }

    /// Waits until `text` was printed.
    ///
    /// @return everything that was printed until then
    public String await(String text, Duration limit) throws InterruptedException {
        return awaitAfter(0, text, limit);
    }

    /// Waits until `text` was printed at or behind a place.
    public String awaitAfter(int place, String text, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            String all = printed();
            if (all.indexOf(text, Math.min(place, all.length())) >= 0) {
                return all;
            }
            if (System.nanoTime() > deadline) {
                throw new AssertionError("'" + text + "' was not printed within " + limit + ":\n" + all);
            }
            Thread.sleep(10);
        }
    }

    private void read() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(CHUNK);
            MemorySegment slot = arena.allocate(8, 8);
            MemorySegment time = arena.allocate(16, 8);
            time.set(ValueLayout.JAVA_LONG, 8, 20_000_000);
            while (!closed) {
                slot.set(ValueLayout.JAVA_INT, 0, (int) master);
                slot.set(ValueLayout.JAVA_INT, 4, 1);
                call(PPOLL, slot.address(), 1, time.address(), 0, 0);
                boolean readable = (slot.get(ValueLayout.JAVA_INT, 4) >>> 16 & 1) != 0;
                long n = readable ? call(READ, master, buffer.address(), CHUNK, 0, 0) : 0;
                keep(buffer, n);
                if (n <= 0) {
                    Thread.sleep(5); // also while nobody has it open, which looks like a hang-up
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void keep(MemorySegment buffer, long n) {
        synchronized (printed) {
            if (n > 0) {
                printed.writeBytes(buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE));
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            reader.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        call(CLOSE, master, 0, 0, 0, 0);
    }
}
