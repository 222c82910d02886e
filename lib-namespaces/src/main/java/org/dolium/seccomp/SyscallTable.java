// SPDX-License-Identifier: Apache-2.0
package org.dolium.seccomp;

import java.util.HashMap;
import java.util.Map;
import org.dolium.linux.Arch;
import org.jspecify.annotations.Nullable;

/// The names and numbers of an architecture's system calls, up to Linux 7.0; see syscalls(2).
public final class SyscallTable {
    private static final int ROOM = 512;
    private static final String FIRST_ON_AARCH64 = "3.7";

    private static final class X86 {
        static final SyscallTable TABLE = new SyscallTable(Arch.X86_64);
    }

    private static final class Arm {
        static final SyscallTable TABLE = new SyscallTable(Arch.AARCH64);
    }

    private final Arch arch;
    private final @Nullable String[] names = new @Nullable String[ROOM];
    private final @Nullable String[] releases = new @Nullable String[ROOM];
    private final short[] widths = new short[ROOM];
    private final Map<String, Integer> numbers = new HashMap<>(2 * ROOM);
    private int last;

    private SyscallTable(Arch arch) {
        this.arch = arch;
        String text = SyscallLines.TEXT;
        int end;
        for (int start = 0; start < text.length(); start = end + 1) {
            end = text.indexOf('\n', start);
            readLine(text.substring(start, end));
        }
    }

    private void readLine(String line) {
        int space = line.indexOf(' ');
        String release = line.substring(0, space);
        while (space < line.length()) {
            int end = line.indexOf(' ', space + 1);
            end = end < 0 ? line.length() : end;
            readCall(line, space + 1, end, release);
            space = end;
        }
    }

    private void readCall(String line, int start, int end, String release) {
        int first = line.indexOf('/', start);
        int second = line.indexOf('/', first + 1);
        int third = line.indexOf('/', second + 1);
        String name = line.substring(start, first);
        int number = arch == Arch.X86_64 ? number(line, first + 1, second) : number(line, second + 1, third);
        numbers.put(name, number);
        if (number >= 0) {
            names[number] = name;
            releases[number] = release;
            widths[number] = (short) number(line, third + 1, end);
            last = Math.max(last, number);
        }
    }

    /// The decimal number, or -1 for a dash.
    private static int number(String line, int start, int end) {
        if (line.charAt(start) == '-') {
            return -1;
        }
        int value = 0;
        for (int i = start; i < end; i++) {
            value = value * 10 + line.charAt(i) - '0';
        }
        return value;
    }

    public static SyscallTable of(Arch arch) {
        return arch == Arch.X86_64 ? X86.TABLE : Arm.TABLE;
    }

    /// The number of a call, or -1 if this architecture has none of this name.
    public int number(String name) {
        Integer number = numbers.get(name);
        return number == null ? -1 : number;
    }

    /// Whether a call of this name exists on any architecture that Dolium supports.
    public boolean knows(String name) {
        return numbers.containsKey(name);
    }

    /// The name of a call, or null if the number is not assigned.
    public @Nullable String name(int number) {
        return number >= 0 && number <= last ? names[number] : null;
    }

    /// The kernel release that added a call, such as `5.9`; `2.6` stands for that and all before. A call is never taken
    /// away, but may do nothing any more.
    ///
    /// @throws IllegalArgumentException if the number is not assigned
    public String release(int number) {
        String release = name(number) == null ? null : releases[number];
        if (release == null) {
            throw new IllegalArgumentException("no system call has the number " + number);
        }
        return arch == Arch.AARCH64 && older(release) ? FIRST_ON_AARCH64 : release;
    }

    private static boolean older(String release) {
        return release.startsWith("2.") || release.startsWith("3.") && release.length() == 3 && release.charAt(2) < '7';
    }

    /// How many bits of an argument the kernel looks at: 64, or 32 for an `int`, an `u32`, an id, or 16 for a mode. What the
    /// caller leaves in the others has no meaning then, so a comparison must not see them.
    public int bits(int number, int argument) {
        int width = number >= 0 && number <= last ? widths[number] >>> argument : 0;
        return (width & 1) == 0 ? 64 : (width & 0x100) == 0 ? 32 : 16;
    }

    /// The highest number that is assigned.
    public int last() {
        return last;
    }
}
