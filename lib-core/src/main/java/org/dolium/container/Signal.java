// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.Locale;
import org.dolium.linux.Quoting;

/// A signal, as signal(7) numbers them on x86-64 and AArch64.
///
/// @param number from 1 to 64
public record Signal(int number) {
    public static final Signal HUP = new Signal(1);
    public static final Signal INT = new Signal(2);
    public static final Signal QUIT = new Signal(3);
    public static final Signal KILL = new Signal(9);
    public static final Signal USR1 = new Signal(10);
    public static final Signal USR2 = new Signal(12);
    public static final Signal TERM = new Signal(15);
    public static final Signal CONT = new Signal(18);
    public static final Signal STOP = new Signal(19);

    private static final String[] NAMES = {
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
        "WINCH", "IO", "PWR", "SYS"
    };

    private static final int REALTIME_FIRST = 34;
    private static final int REALTIME_LAST = 64;
    private static final int REALTIME_NAME = 5;
    private static final int SHOWN = 40;

    public Signal {
        if (number < 1 || number > 64) {
            throw new IllegalArgumentException("signal number " + number + " is not between 1 and 64");
        }
    }

    /// Reads `TERM`, `SIGTERM` or `15`; also `RTMIN`, `RTMIN+1` to `RTMIN+30`, `RTMAX-30` to `RTMAX-1` and `RTMAX`, as C
    /// libraries have them: from 34 to 64.
    public static Signal parse(String text) {
        String upper = text.toUpperCase(Locale.ROOT);
        String name = upper.startsWith("SIG") ? upper.substring(3) : upper;
        for (int i = 0; i < NAMES.length; i++) {
            if (NAMES[i].equals(name)) {
                return new Signal(i + 1);
            }
        }
        int number = number(text);
        if (number < 0 && name.startsWith("RTMIN")) {
            number = offset(name, '+', 1, REALTIME_FIRST);
        } else if (number < 0 && name.startsWith("RTMAX")) {
            number = offset(name, '-', -1, REALTIME_LAST);
        }
        if (number < 0) {
            throw new IllegalArgumentException("unknown signal '" + shown(text) + "'");
        }
        return new Signal(number);
    }

    private static int offset(String name, char operator, int sign, int base) {
        if (name.length() == REALTIME_NAME) {
            return base;
        }
        int offset = name.charAt(REALTIME_NAME) == operator ? number(name.substring(REALTIME_NAME + 1)) : -1;
        int number = base + sign * offset;
        return offset >= 0 && number >= REALTIME_FIRST && number <= REALTIME_LAST ? number : -1;
    }

    /// One or two digits as a number, or -1.
    private static int number(String text) {
        boolean digits = !text.isEmpty() && text.length() <= 2;
        for (int i = 0; i < text.length(); i++) {
            digits &= text.charAt(i) >= '0' && text.charAt(i) <= '9';
        }
        return digits ? Integer.parseInt(text) : -1;
    }

    private static String shown(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length() && i < SHOWN; i++) {
            out.append(Character.isISOControl(text.charAt(i)) ? '?' : text.charAt(i));
        }
        return Quoting.printable(text.length() > SHOWN ? out.append("...").toString() : out.toString());
    }

    @Override
    public String toString() {
        return number <= NAMES.length ? "SIG" + NAMES[number - 1] : "signal " + number;
    }
}
