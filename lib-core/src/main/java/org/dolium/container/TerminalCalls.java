// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.lang.foreign.Arena;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Sys;
import org.jspecify.annotations.Nullable;

/// The calls of ioctl_tty(2) that are made on terminals; the kernel's `struct termios` as bytes.
final class TerminalCalls {
    private static final int TCGETS = 0x5401;
    private static final int TCSETS = 0x5402;
    private static final int TIOCGWINSZ = 0x5413;
    private static final int TIOCSWINSZ = 0x5414;
    private static final int TIOCGPTN = 0x80045430;
    private static final int TIOCGPTPEER = 0x5441;
    private static final int O_RDWR_NOCTTY_CLOEXEC = 0x80102;
    private static final int SIZE = 36;
    private static final int ROOM = 64;

    private static final int OUTPUT = 4;
    private static final int CONTROL = 8;
    private static final int LOCAL = 12;
    private static final int CHARACTERS = 17;
    private static final int VEOF = 4;
    private static final int VTIME = 5;
    private static final int VMIN = 6;

    private static final int ICANON = 2;
    private static final int IGNBRK_TO_IXON = 0x5eb; // IGNBRK|BRKINT|PARMRK|ISTRIP|INLCR|IGNCR|ICRNL|IXON
    private static final int OPOST = 1;
    private static final int ECHO_ISIG_ICANON_IEXTEN = 0x804b; // ECHO|ECHONL|ICANON|ISIG|IEXTEN
    private static final int CSIZE_PARENB = 0x130;
    private static final int CS8 = 0x30;

    private TerminalCalls() {}

    /// The mode of a terminal, of which this is a descriptor or the master; null if it is none.
    static byte @Nullable [] mode(Fd fd) {
        try (Arena arena = Arena.ofConfined()) {
            Memory termios = Memory.allocate(arena, ROOM);
            return Kernel.call(Sys.IOCTL, fd.number(), TCGETS, termios.address()) == 0 ? termios.head(SIZE) : null;
        }
    }

    static void setMode(Fd fd, byte[] mode) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Memory termios = Memory.allocate(arena, ROOM);
            termios.put(0, mode, 0, mode.length);
            Kernel.check(Kernel.call(Sys.IOCTL, fd.number(), TCSETS, termios.address()), "ioctl(" + fd + ", TCSETS)");
        }
    }

    /// The same mode, but every byte passes as it is: nothing is echoed, edited, translated or turned into a signal.
    static byte[] raw(byte[] mode) {
        byte[] raw = mode.clone();
        clear(raw, 0, IGNBRK_TO_IXON);
        clear(raw, OUTPUT, OPOST);
        clear(raw, CONTROL, CSIZE_PARENB);
        raw[CONTROL] |= CS8;
        clear(raw, LOCAL, ECHO_ISIG_ICANON_IEXTEN);
        raw[CHARACTERS + VMIN] = 1;
        raw[CHARACTERS + VTIME] = 0;
        return raw;
    }

    private static void clear(byte[] mode, int at, int bits) {
        for (int i = 0; i < 4; i++) {
            mode[at + i] &= (byte) ~(bits >>> 8 * i);
        }
    }

    /// The character that ends the input of a terminal in this mode, or -1: without lines there is none.
    static int endOfFile(byte[] mode) {
        int character = mode[CHARACTERS + VEOF] & 0xff;
        return (mode[LOCAL] & ICANON) != 0 && character != 0 ? character : -1;
    }

    /// The size of its window, or null if it is not known.
    static @Nullable TerminalSize size(Fd fd) {
        try (Arena arena = Arena.ofConfined()) {
            Memory winsize = Memory.allocate(arena, 8);
            boolean known = Kernel.call(Sys.IOCTL, fd.number(), TIOCGWINSZ, winsize.address()) == 0;
            int rows = winsize.getShort(0) & 0xffff;
            int columns = winsize.getShort(2) & 0xffff;
            return known && rows > 0 && columns > 0 ? new TerminalSize(rows, columns) : null;
        }
    }

    static void setSize(Fd fd, TerminalSize size) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Memory winsize = Memory.allocate(arena, 8);
            winsize.putShort(0, (short) size.rows());
            winsize.putShort(2, (short) size.columns());
            Kernel.check(
                    Kernel.call(Sys.IOCTL, fd.number(), TIOCSWINSZ, winsize.address()), "ioctl(" + fd + ", TIOCSWINSZ)");
        }
    }

    /// Opens the other end of a pseudoterminal, by its master.
    static Fd peer(Fd master) throws ErrnoException {
        long opened = Kernel.call(Sys.IOCTL, master.number(), TIOCGPTPEER, O_RDWR_NOCTTY_CLOEXEC);
        return new Fd((int) Kernel.check(opened, "ioctl(" + master + ", TIOCGPTPEER, O_RDWR|O_NOCTTY|O_CLOEXEC)"));
    }

    /// Whether this is a pseudoterminal's master.
    static boolean isMaster(Fd fd) {
        try (Arena arena = Arena.ofConfined()) {
            return Kernel.call(Sys.IOCTL, fd.number(), TIOCGPTN, Memory.allocate(arena, 8).address()) == 0;
        }
    }
}
