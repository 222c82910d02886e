// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import org.dolium.linux.Quoting;

/// A number of bytes.
///
/// @param bytes zero or more
public record MemorySize(long bytes) {
    public MemorySize {
        if (bytes < 0) {
            throw new IllegalArgumentException("size " + bytes + " is negative");
        }
    }

    public static MemorySize bytes(long bytes) {
        return new MemorySize(bytes);
    }

    public static MemorySize kibibytes(long count) {
        return new MemorySize(Math.multiplyExact(count, 1L << 10));
    }

    public static MemorySize mebibytes(long count) {
        return new MemorySize(Math.multiplyExact(count, 1L << 20));
    }

    public static MemorySize gibibytes(long count) {
        return new MemorySize(Math.multiplyExact(count, 1L << 30));
    }

    /// Reads `64m` as Docker does: a whole number with an optional suffix `b`, `k`, `m`, `g` or `t` in powers of 1024.
    public static MemorySize parse(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("size '' is empty");
        }
        int shift = "bkmgt".indexOf(Character.toLowerCase(text.charAt(text.length() - 1)));
        String digits = shift < 0 ? text : text.substring(0, text.length() - 1);
        for (int i = 0; i < digits.length(); i++) {
            if (digits.charAt(i) < '0' || digits.charAt(i) > '9') {
                throw new IllegalArgumentException("size '" + Quoting.printable(text) + "' is not a number with b, k, m, g or t");
            }
        }
        try {
            return new MemorySize(Math.multiplyExact(Long.parseLong(digits), 1L << 10 * Math.max(shift, 0)));
        } catch (ArithmeticException | NumberFormatException e) {
            throw new IllegalArgumentException("size '" + Quoting.printable(text) + "' is not a number with b, k, m, g or t", e);
        }
    }

    @Override
    public String toString() {
        return bytes + " bytes";
    }
}
