// SPDX-License-Identifier: Apache-2.0
package org.dolium.security;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.dolium.namespace.IdMap;
import org.dolium.namespace.IdMaps;

/// Reads the texts of /proc/PID, whose characters are bytes. The process chooses some of what stands there.
final class ProcText {
    private ProcText() {}

    /// A field of /proc/PID/status, or null. Only lines that begin with the name count, and no earlier field can have a
    /// newline: the kernel escapes those in the process's name.
    static @org.jspecify.annotations.Nullable String field(String status, String name) {
        String start = "\n" + name + ":";
        int at = status.indexOf(start);
        if (at < 0) {
            return null;
        }
        int end = status.indexOf('\n', at + 1);
        return status.substring(at + start.length(), end < 0 ? status.length() : end).trim();
    }

    /// The decimal numbers of a field. What is none is left out.
    static List<Long> numbers(@org.jspecify.annotations.Nullable String field) {
        List<Long> numbers = new ArrayList<>();
        for (String word : words(field == null ? "" : field)) {
            long number = number(word);
            if (number >= 0) {
                numbers.add(number);
            }
        }
        return numbers;
    }

    static long mask(String status, String name) {
        String field = field(status, name);
        try {
            return field == null ? 0 : Long.parseUnsignedLong(field, 16);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /// A decimal number, or -1.
    static long number(String text) {
        if (text.isEmpty() || text.length() > 18) {
            return -1;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return -1;
            }
        }
        return Long.parseLong(text);
    }

    static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        int start = -1;
        for (int i = 0; i <= line.length(); i++) {
            boolean blank = i == line.length() || line.charAt(i) == ' ' || line.charAt(i) == '\t';
            if (!blank && start < 0) {
                start = i;
            } else if (blank && start >= 0) {
                words.add(line.substring(start, i));
                start = -1;
            }
        }
        return words;
    }

    /// The extents of an uid_map, or nothing if there are none or they can't be told to this process.
    static Optional<IdMaps> idMaps(String text) {
        List<IdMap> extents = new ArrayList<>();
        try {
            for (String line : text.split("\n", -1)) {
                List<Long> numbers = numbers(line);
                if (numbers.size() == 3) {
                    extents.add(new IdMap(numbers.get(0), numbers.get(1), numbers.get(2)));
                }
            }
            return extents.isEmpty() ? Optional.empty() : Optional.of(IdMaps.of(extents));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // an id outside that this process's own user namespace has no number for
        }
    }

    /// The id that is `outside`, or -1.
    static long inside(Optional<IdMaps> maps, long outside) {
        List<IdMap> extents = maps.isEmpty() ? List.of() : maps.get().extents();
        for (int i = 0; i < extents.size(); i++) {
            IdMap map = extents.get(i);
            if (outside >= map.outside() && outside < map.outside() + map.count()) {
                return outside - map.outside() + map.inside();
            }
        }
        return -1;
    }

    /// The soft limit of a line of /proc/PID/limits, or -1 if there is none.
    static long softLimit(String limits, String name) {
        for (String line : limits.split("\n", -1)) {
            if (line.startsWith(name + " ")) {
                List<String> words = words(line.substring(name.length()));
                return words.isEmpty() ? -1 : number(words.get(0));
            }
        }
        return -1;
    }

    /// The mounts, in the order in which they were made. A line that was cut off is left out.
    static List<MountEntry> mounts(String mountinfo) {
        List<MountEntry> mounts = new ArrayList<>();
        int start = 0;
        for (int end = mountinfo.indexOf('\n'); end >= 0; end = mountinfo.indexOf('\n', start)) {
            List<String> fields = List.of(mountinfo.substring(start, end).split(" ", -1)); // a source may be empty
            int dash = 6;
            while (dash < fields.size() && !fields.get(dash).equals("-")) { // a later one may be a source
                dash++;
            }
            if (dash + 3 < fields.size()) {
                mounts.add(mount(fields, dash));
            }
            start = end + 1;
        }
        return mounts;
    }

    private static MountEntry mount(List<String> fields, int dash) {
        List<String> flags = new ArrayList<>(List.of(fields.get(5).split(",", -1)));
        List<String> options = List.of(printable(fields.get(dash + 3), false).split(",", -1));
        if (options.contains("ro") && flags.remove("rw")) {
            flags.add(0, "ro");
        }
        int peers = 0;
        int master = 0;
        for (String tag : fields.subList(6, dash)) {
            peers = tag.startsWith("shared:") ? (int) number(tag.substring(7)) : peers;
            master = tag.startsWith("master:") ? (int) number(tag.substring(7)) : master;
        }
        return new MountEntry(
                (int) number(fields.get(0)), printable(fields.get(3), true), printable(fields.get(4), true),
                printable(fields.get(dash + 1), true), printable(fields.get(dash + 2), true), flags, peers, master, options);
    }

    /// Bytes as text that can't be mistaken for anything else and does nothing to a terminal.
    ///
    /// @param octal whether the kernel wrote some of them as a backslash and three octal digits
    static String printable(String bytes, boolean octal) {
        StringBuilder out = new StringBuilder(bytes.length());
        for (int i = 0; i < bytes.length(); i++) {
            int code = octal && bytes.charAt(i) == '\\' ? octal(bytes, i + 1) : -1;
            i += code < 0 ? 0 : 3;
            char c = code < 0 ? bytes.charAt(i) : (char) code;
            if (c < ' ' || c > '~' || c == '\\') {
                out.append("\\x").append(Character.forDigit(c >> 4 & 15, 16)).append(Character.forDigit(c & 15, 16));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    private static int octal(String bytes, int at) {
        int value = 0;
        for (int i = at; i < at + 3; i++) {
            int digit = i < bytes.length() ? bytes.charAt(i) - '0' : -1;
            if (digit < 0 || digit > 7) {
                return -1;
            }
            value = 8 * value + digit;
        }
        return value & 0xff;
    }
}
