// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup;

import java.util.BitSet;
import org.dolium.linux.Quoting;

/// A set of processors, or of memory nodes, as the kernel writes it: `0-3,5`. It is never empty.
public final class CpuSet {
    /// No kernel is built for more processors.
    public static final int LAST = 8191;

    private final BitSet numbers;

    private CpuSet(BitSet numbers) {
        this.numbers = numbers;
    }

    /// @throws IllegalArgumentException if there is no number, or one is not between 0 and [#LAST]
    public static CpuSet of(int... numbers) {
        BitSet set = new BitSet();
        for (int number : numbers) {
            if (number < 0 || number > LAST) {
                throw new IllegalArgumentException("number " + number + " of a cpu set is not between 0 and " + LAST);
            }
            set.set(number);
        }
        if (set.isEmpty()) {
            throw new IllegalArgumentException("an empty cpu set leaves nothing to run on");
        }
        return new CpuSet(set);
    }

    /// All numbers from `first` to `last`.
    public static CpuSet range(int first, int last) {
        if (first < 0 || last > LAST || first > last) {
            throw new IllegalArgumentException(
                    "range " + first + "-" + last + " of a cpu set does not ascend from 0 or more to at most " + LAST);
        }
        BitSet set = new BitSet();
        set.set(first, last + 1);
        return new CpuSet(set);
    }

    /// Reads numbers and ranges with commas between: `0-3,5`. Order and repetition do not matter.
    ///
    /// @throws IllegalArgumentException if `text` has another form or a number is out of range
    public static CpuSet parse(String text) {
        BitSet set = new BitSet();
        int start = 0;
        while (start <= text.length()) {
            int comma = text.indexOf(',', start);
            int end = comma < 0 ? text.length() : comma;
            int dash = text.indexOf('-', start);
            boolean range = dash >= 0 && dash < end;
            int first = number(text, start, range ? dash : end);
            int last = range ? number(text, dash + 1, end) : first;
            if (first > last) {
                throw wrong(text, "range " + first + "-" + last + " descends");
            }
            set.set(first, last + 1);
            start = end + 1;
        }
        return new CpuSet(set);
    }

    private static int number(String text, int start, int end) {
        int value = start < end ? 0 : -1;
        for (int i = start; i < end && value >= 0 && value <= LAST; i++) {
            int digit = text.charAt(i) - '0';
            value = digit < 0 || digit > 9 ? -1 : 10 * value + digit;
        }
        if (value < 0 || value > LAST) {
            throw wrong(text, Quoting.quote(text.substring(start, end)) + " is no number from 0 to " + LAST);
        }
        return value;
    }

    private static IllegalArgumentException wrong(String text, String why) {
        return new IllegalArgumentException(
                "cpu set " + Quoting.quote(text) + ": " + why + "; the form is \"0-3,5\"");
    }

    public boolean contains(int number) {
        return number >= 0 && numbers.get(number);
    }

    public boolean containsAll(CpuSet other) {
        BitSet rest = (BitSet) other.numbers.clone();
        rest.andNot(numbers);
        return rest.isEmpty();
    }

    /// How many numbers it has.
    public int size() {
        return numbers.cardinality();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CpuSet set && set.numbers.equals(numbers);
    }

    @Override
    public int hashCode() {
        return numbers.hashCode();
    }

    /// The shortest form, ascending; the kernel prints the same.
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        for (int first = numbers.nextSetBit(0); first >= 0; ) {
            int end = numbers.nextClearBit(first);
            out.append(out.isEmpty() ? "" : ",").append(first);
            if (end - 1 > first) {
                out.append('-').append(end - 1);
            }
            first = numbers.nextSetBit(end);
        }
        return out.toString();
    }
}
