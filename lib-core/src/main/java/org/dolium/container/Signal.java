// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.Locale;

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

    public Signal {
        if (number < 1 || number > 64) {
            throw new IllegalArgumentException("signal number " + number + " is not between 1 and 64");
        }
    }

    /// Reads `TERM`, `SIGTERM` or `15`.
    public static Signal parse(String text) {
        String name = text.toUpperCase(Locale.ROOT);
        if (name.startsWith("SIG")) {
            name = name.substring(3);
        }
        for (int i = 0; i < NAMES.length; i++) {
            if (NAMES[i].equals(name)) {
                return new Signal(i + 1);
            }
        }
        try {
            return new Signal(Integer.parseInt(text));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("unknown signal '" + text + "'", e);
        }
    }

    @Override
    public String toString() {
        return number <= NAMES.length ? "SIG" + NAMES[number - 1] : "signal " + number;
    }
}
