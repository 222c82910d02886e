// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// What a program in a [Situation] has refused to itself, for the rest of its life.
public final class Refusal {
    private static final int RLIMIT_NPROC = 6;
    private static final int PRCTL = 157;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int SECCOMP = 317;
    private static final int PRLIMIT64 = 302;
    private static final int CLONE3 = 435;
    @SuppressWarnings("restricted") // calls that the JDK has not
    private static final MethodHandle SYSCALL = Linker.nativeLinker().downcallHandle(
            Linker.nativeLinker().defaultLookup().find("syscall").orElseThrow(),
            FunctionDescriptor.of(
                    ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));

    private Refusal() {}

    private static void call(long number, long first, long second, long third, long fourth) throws IOException {
        long result;
        try {
            result = (long) SYSCALL.invokeExact(number, first, second, third, fourth);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
        if (result != 0) {
            throw new IOException("system call " + number + " failed");
        }
    }

    /// This user has no more processes than that.
    public static void ofMoreProcesses(long most) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment limit = arena.allocateFrom(ValueLayout.JAVA_LONG, most, most);
            call(PRLIMIT64, 0, RLIMIT_NPROC, limit.address(), 0);
        }
    }

    /// As an outer container's seccomp profile does: clone3 fails on every thread, everything else is allowed. On x86-64.
    public static void ofClone3(int errno) throws IOException {
        int[][] filter = {
            {0x20, 0, 0, 0}, // load the number
            {0x15, 0, 1, CLONE3},
            {0x06, 0, 0, 0x50000 | errno},
            {0x06, 0, 0, 0x7fff0000}
        };
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment code = arena.allocate(8L * filter.length, 8);
            for (int i = 0; i < filter.length; i++) {
                code.set(ValueLayout.JAVA_SHORT, 8L * i, (short) filter[i][0]);
                code.set(ValueLayout.JAVA_BYTE, 8L * i + 2, (byte) filter[i][1]);
                code.set(ValueLayout.JAVA_BYTE, 8L * i + 3, (byte) filter[i][2]);
                code.set(ValueLayout.JAVA_INT, 8L * i + 4, filter[i][3]);
            }
            MemorySegment program = arena.allocate(16, 8);
            program.set(ValueLayout.JAVA_SHORT, 0, (short) filter.length);
            program.set(ValueLayout.JAVA_LONG, 8, code.address());
            call(PRCTL, PR_SET_NO_NEW_PRIVS, 1, 0, 0);
            call(SECCOMP, 1, 1, program.address(), 0); // TSYNC: all threads
        }
    }
}
