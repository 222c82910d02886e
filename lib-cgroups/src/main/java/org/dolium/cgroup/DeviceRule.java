// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup;

import java.util.List;
import org.dolium.linux.Quoting;

/// One line of a list of allowed devices: which nodes, and what may be done with them. What no line of the list allows is
/// denied.
///
/// A request is allowed if one line allows all of it: to open a device for reading and writing takes a line with `rw`.
/// Lines about the same numbers count as one line.
///
/// @param type which kind of nodes
/// @param major the number of the driver, or [#ANY]
/// @param minor the number of the device, or [#ANY]
/// @param read whether it may be opened for reading
/// @param write whether it may be opened for writing
/// @param make whether a node of it may be made by mknod(2)
public record DeviceRule(Type type, int major, int minor, boolean read, boolean write, boolean make) {
    /// Stands for every number.
    public static final int ANY = -1;

    private static final int LAST_MAJOR = 0xfff;
    private static final int LAST_MINOR = 0xfffff;
    private static final String FORM = "; the form is \"c 1:3 rwm\": type c, b or a, major:minor (* is any), some of r, w, m";

    /// The kinds of device nodes.
    public enum Type {
        CHARACTER('c'),
        BLOCK('b'),
        ALL('a');

        private final char letter;

        Type(char letter) {
            this.letter = letter;
        }

        private static Type of(String text, String rule) {
            for (Type type : values()) {
                if (text.length() == 1 && text.charAt(0) == type.letter) {
                    return type;
                }
            }
            throw wrong(rule, "type " + Quoting.quote(text) + " is none of c, b, a");
        }
    }

    public DeviceRule {
        check("major", major, LAST_MAJOR);
        check("minor", minor, LAST_MINOR);
        if (!read && !write && !make) {
            throw new IllegalArgumentException("a device rule that allows none of r, w, m has no meaning");
        }
    }

    private static void check(String name, int number, int last) {
        if (number < ANY || number > last) {
            throw new IllegalArgumentException(name + " number " + number + " is not between 0 and " + last);
        }
    }

    /// Reads a rule as `--device-cgroup-rule` has it: `c 1:3 rwm`, `b 8:* r`, `a *:* m`.
    ///
    /// @throws IllegalArgumentException if `rule` has another form or a number is out of range
    public static DeviceRule parse(String rule) {
        int first = rule.indexOf(' ');
        int second = rule.indexOf(' ', first + 1);
        int colon = rule.indexOf(':', first + 1);
        if (first < 0 || second < 0 || colon < 0 || colon > second) {
            throw wrong(rule, "it has not three parts with one blank between");
        }
        String access = rule.substring(second + 1);
        checkAccess(access, rule);
        return new DeviceRule(
                Type.of(rule.substring(0, first), rule),
                number("major", rule.substring(first + 1, colon), LAST_MAJOR, rule),
                number("minor", rule.substring(colon + 1, second), LAST_MINOR, rule),
                access.indexOf('r') >= 0,
                access.indexOf('w') >= 0,
                access.indexOf('m') >= 0);
    }

    private static void checkAccess(String access, String rule) {
        if (access.isEmpty() || access.length() > 3) {
            throw wrong(rule, "access " + Quoting.quote(access) + " is not one to three of r, w, m");
        }
        for (int i = 0; i < access.length(); i++) {
            if ("rwm".indexOf(access.charAt(i)) < 0) {
                throw wrong(rule, "access " + Quoting.quote(access) + " is not one to three of r, w, m");
            }
        }
    }

    private static int number(String name, String text, int last, String rule) {
        if (text.equals("*")) {
            return ANY;
        }
        long value = text.isEmpty() ? -1 : 0;
        for (int i = 0; i < text.length() && value >= 0 && value <= last; i++) {
            int digit = text.charAt(i) - '0';
            value = digit < 0 || digit > 9 ? -1 : 10 * value + digit;
        }
        if (value < 0 || value > last) {
            throw wrong(rule, name + " " + Quoting.quote(text) + " is neither * nor a number from 0 to " + last);
        }
        return (int) value;
    }

    private static IllegalArgumentException wrong(String rule, String why) {
        return new IllegalArgumentException("device rule " + Quoting.quote(rule) + ": " + why + FORM);
    }

    /// What a container may use when nothing else is said: the nodes of its own /dev, and no others. It may make again
    /// those six that mknod(2) makes there; its terminals are made by the kernel.
    public static List<DeviceRule> standard() {
        return List.of(
                node(1, 3, true), // null
                node(1, 5, true), // zero
                node(1, 7, true), // full
                node(1, 8, true), // random
                node(1, 9, true), // urandom
                node(5, 0, true), // tty
                node(5, 2, false), // ptmx
                node(136, ANY, false)); // pts/*
    }

    private static DeviceRule node(int major, int minor, boolean make) {
        return new DeviceRule(Type.CHARACTER, major, minor, true, true, make);
    }

    /// Some of `r`, `w`, `m`, in this order.
    public String access() {
        return (read ? "r" : "") + (write ? "w" : "") + (make ? "m" : "");
    }

    /// The rule as [#parse] reads it.
    @Override
    public String toString() {
        return type.letter + " " + text(major) + ":" + text(minor) + " " + access();
    }

    private static String text(int number) {
        return number == ANY ? "*" : Integer.toString(number);
    }
}
