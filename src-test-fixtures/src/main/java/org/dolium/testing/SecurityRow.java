// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A row of the security matrix in `docs/security-rows.md`, as the name of a test says it: `L_01_…` tests row L-01, and
/// `L_01_without_the_control_…` is its negative control.
public final class SecurityRow {
    private static final Pattern NAME = Pattern.compile("([A-Z])_([0-9]{2})_(\\w+).*");
    private static final Pattern MODE = Pattern.compile("(?:^|\\s)\\[[0-9]+] (?:mode ?= ?)?(RU|R|U1|U)(?=$|[, ])");
    private static final Pattern KERNEL = Pattern.compile("kernel ([0-9.]+)");

    private SecurityRow() {}

    /// The row that a test is about: its method's name says it, or that of a test in another JVM of which this is the result.
    public static Optional<String> of(String method, String display) {
        Matcher name = name(method, display);
        return name.matches() ? Optional.of(name.group(1) + "-" + name.group(2)) : Optional.empty();
    }

    private static Matcher name(String method, String display) {
        Matcher name = NAME.matcher(method);
        return name.matches() ? name : NAME.matcher(display);
    }

    /// Whether the test shows that the row's attack succeeds when the control is switched off.
    public static boolean isControl(String method, String display) {
        Matcher name = name(method, display);
        return name.matches() && (name.group(3).contains("without_the_control") || name.group(3).startsWith("control_"));
    }

    /// Where a test ran: `R`, `RU`, `U`, `U1` on this machine, `VM 6.12 …` in a test machine, `any` if the kernel does not
    /// matter.
    public static String environment(String display, boolean kernelTest) {
        Matcher mode = MODE.matcher(display);
        String user = mode.find() ? mode.group(1) : display.contains(" as uid ") ? "U1" : "";
        int machine = display.indexOf(" in the machine ");
        if (machine >= 0) {
            Matcher kernel = KERNEL.matcher(display.substring(machine));
            boolean plain = display.substring(machine).contains("user ");
            return "VM " + (kernel.find() ? kernel.group(1) : "") + (user.isEmpty() ? plain ? " U" : " R" : " " + user);
        }
        return !user.isEmpty() ? user : kernelTest ? "R" : "any";
    }
}
