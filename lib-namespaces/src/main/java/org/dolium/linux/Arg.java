// SPDX-License-Identifier: Apache-2.0
package org.dolium.linux;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// One argument of a system call, as a value. Every argument is one machine word; the variants say where the word
/// comes from and how it is printed.
public sealed interface Arg {

    /// A plain number, printed as `text` (a flag expression, a file descriptor, a decimal).
    record Num(long value, String text) implements Arg {
        @Override
        public String toString() {
            return text;
        }
    }

    /// The address of constant bytes that the kernel reads. `text` is how strace would print them.
    record Bytes(byte[] value, String text) implements Arg {
        @Override
        public String toString() {
            return text;
        }
    }

    /// The address of a zeroed, writable area of `size` bytes that starts with `initial`; the kernel may change it.
    /// Each use is an area of its own.
    record Buffer(int size, byte[] initial, String text) implements Arg {
        @Override
        public String toString() {
            return text;
        }
    }

    /// The address of a NULL-terminated array of NUL-terminated strings: argv and envp of execve(2).
    record Strings(List<byte[]> values, String text) implements Arg {
        @Override
        public String toString() {
            return text;
        }
    }

    /// The address of a `struct sock_fprog` for a filter program, an array of `struct sock_filter`; see seccomp(2).
    record Filter(byte[] program, String text) implements Arg {
        /// How long an instruction is.
        public static final int INSTRUCTION = 8;

        /// How many instructions it has.
        public int length() {
            return program.length / INSTRUCTION;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /// The address of a `struct msghdr` with one piece of data and with control messages; see sendmsg(2).
    record Message(byte[] data, byte[] control, String text) implements Arg {
        /// How long the structure is.
        public static final int HEADER = 56;

        private static final int RIGHTS = 24;

        /// Data that brings a copy of a descriptor with it; see unix(7), `SCM_RIGHTS`.
        public static Message withDescriptor(byte[] data, int fd) {
            byte[] control = new byte[RIGHTS];
            control[0] = 20; // the length without what aligns the next one
            control[8] = 1; // SOL_SOCKET
            control[12] = 1; // SCM_RIGHTS
            for (int i = 0; i < 4; i++) {
                control[16 + i] = (byte) (fd >>> 8 * i);
            }
            return new Message(data, control, "{" + Quoting.quote(data) + ", SCM_RIGHTS [" + fd + "]}");
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /// What an earlier step of the same plan returned.
    record Result(int step) implements Arg {
        @Override
        public String toString() {
            return "$" + step;
        }
    }

    Num NULL = new Num(0, "NULL");
    Num AT_FDCWD = new Num(-100, "AT_FDCWD");

    static Num num(long value) {
        return new Num(value, Long.toString(value));
    }

    static Num octal(long value) {
        return new Num(value, "0" + Long.toOctalString(value));
    }

    static Num flags(long value, String text) {
        return new Num(value, text);
    }

    /// A NUL-terminated string.
    ///
    /// @throws IllegalArgumentException if `value` contains a NUL, which would cut it short in the kernel
    static Bytes str(String value) {
        return str(value.getBytes(StandardCharsets.UTF_8));
    }

    static Bytes str(byte[] value) {
        return new Bytes(terminated(value), Quoting.quote(value));
    }

    /// NUL-terminated strings.
    ///
    /// @throws IllegalArgumentException if one contains a NUL
    static Strings strings(List<byte[]> values) {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < values.size(); i++) {
            if (i > 0) {
                text.append(", ");
            }
            checkNoNul(values.get(i));
            text.append(Quoting.quote(values.get(i)));
        }
        return new Strings(List.copyOf(values), text.append(']').toString());
    }

    /// `value` with a terminating NUL.
    static byte[] terminated(byte[] value) {
        checkNoNul(value);
        return java.util.Arrays.copyOf(value, value.length + 1);
    }

    private static void checkNoNul(byte[] value) {
        for (byte b : value) {
            if (b == 0) {
                throw new IllegalArgumentException("string " + Quoting.quote(value) + " contains a NUL byte");
            }
        }
    }
}
