// SPDX-License-Identifier: Apache-2.0
package org.dolium.seccomp;

/// A comparison of one argument of a system call with a constant. All comparisons are unsigned.
///
/// Arguments reach a filter as 64 bits. Where the kernel looks at the low 32 bits only (`int`, `unsigned int`, ids), or at
/// the low 16 (modes), so does the comparison, whatever the high ones are: [SyscallTable#bits]. Pointers can be compared
/// but not followed.
///
/// @param argument from 0 to 5
/// @param comparison how
/// @param value the constant
/// @param mask for [Comparison#MASKED_EQ] the bits that are looked at, else ignored
public record SeccompCondition(int argument, Comparison comparison, long value, long mask) {
    /// How an argument is compared.
    public enum Comparison { EQ, NE, LT, LE, GT, GE, MASKED_EQ }

    public SeccompCondition {
        if (argument < 0 || argument > 5) {
            throw new IllegalArgumentException("a system call has arguments 0 to 5, not " + argument);
        }
        if (comparison != Comparison.MASKED_EQ) {
            mask = -1;
        } else if ((value & ~mask) != 0) {
            throw new IllegalArgumentException("0x" + Long.toHexString(value) + " can't be what is left under the mask 0x"
                    + Long.toHexString(mask));
        }
    }

    /// The argument is `value`.
    public static SeccompCondition equal(int argument, long value) {
        return new SeccompCondition(argument, Comparison.EQ, value, -1);
    }

    /// The argument is not `value`.
    public static SeccompCondition notEqual(int argument, long value) {
        return new SeccompCondition(argument, Comparison.NE, value, -1);
    }

    /// The bits of `mask` in the argument are `value`.
    public static SeccompCondition masked(int argument, long mask, long value) {
        return new SeccompCondition(argument, Comparison.MASKED_EQ, value, mask);
    }

    /// Whether an argument of so many bits can be compared with the constant: it has no more, or is a negative number.
    boolean fits(int bits) {
        return bits == 64 || value >>> bits == 0 || value >> bits - 1 == -1;
    }

    @Override
    public String toString() {
        String hex = "0x" + Long.toHexString(value);
        return switch (comparison) {
            case EQ -> "arg" + argument + " == " + hex;
            case NE -> "arg" + argument + " != " + hex;
            case LT -> "arg" + argument + " < " + hex;
            case LE -> "arg" + argument + " <= " + hex;
            case GT -> "arg" + argument + " > " + hex;
            case GE -> "arg" + argument + " >= " + hex;
            case MASKED_EQ -> "(arg" + argument + " & 0x" + Long.toHexString(mask) + ") == " + hex;
        };
    }
}
