// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.dolium.linux.Quoting;

/// A size of huge pages. Its text is the part of a file name that the hugetlb controller has for it: `2MB` of
/// `hugetlb.2MB.max`.
///
/// @param bytes a power of two, at least 4096
public record HugePageSize(long bytes) implements Comparable<HugePageSize> {
    private static final Path SIZES = Path.of("/sys/kernel/mm/hugepages");
    private static final String PREFIX = "hugepages-";
    private static final String UNITS = "KMG";
    private static final long LEAST = 4096;
    private static final long KIB = 1024;

    public HugePageSize {
        if (bytes < LEAST || Long.bitCount(bytes) != 1) {
            throw new IllegalArgumentException("huge page size " + bytes + " is not a power of two of at least " + LEAST);
        }
    }

    /// Reads a size as the kernel's cgroup files have it: `64KB`, `2MB`, `1GB`.
    ///
    /// @throws IllegalArgumentException if `text` has another form or is no size that pages can have
    public static HugePageSize parse(String text) {
        int digits = text.length() - 2;
        int unit = digits < 1 || text.charAt(digits + 1) != 'B' ? -1 : UNITS.indexOf(text.charAt(digits));
        long value = unit < 0 ? -1 : number(text, digits);
        if (value < 0) {
            throw new IllegalArgumentException(
                    "huge page size " + Quoting.quote(text) + " has not the form \"2MB\": a number, then KB, MB or GB");
        }
        return new HugePageSize(value << 10 * (unit + 1));
    }

    /// The number that the first `end` characters are, or -1.
    private static long number(String text, int end) {
        long value = 0;
        for (int i = 0; i < end; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9 || value > Integer.MAX_VALUE) {
                return -1;
            }
            value = 10 * value + digit;
        }
        return value;
    }

    /// The sizes that the kernel of this machine has, ascending; none if it has no huge pages.
    public static List<HugePageSize> ofThisMachine() throws IOException {
        return in(SIZES);
    }

    static List<HugePageSize> in(Path directory) throws IOException {
        List<HugePageSize> sizes = new ArrayList<>();
        if (!Files.isDirectory(directory)) {
            return sizes;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (name.startsWith(PREFIX) && name.endsWith("kB")) {
                    sizes.add(new HugePageSize(
                            KIB * Long.parseLong(name, PREFIX.length(), name.length() - 2, 10)));
                }
            }
        }
        Collections.sort(sizes);
        return sizes;
    }

    @Override
    public int compareTo(HugePageSize other) {
        return Long.compare(bytes, other.bytes);
    }

    /// In the largest unit of which it is at least one, as mm/hugetlb_cgroup.c names its files.
    @Override
    public String toString() {
        int unit = 0;
        long value = bytes / KIB;
        while (value >= KIB && unit < UNITS.length() - 1) {
            value /= KIB;
            unit++;
        }
        return value + UNITS.substring(unit, unit + 1) + "B";
    }
}
