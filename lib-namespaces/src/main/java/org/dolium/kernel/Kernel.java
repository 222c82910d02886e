// SPDX-License-Identifier: Apache-2.0
package org.dolium.kernel;

import org.dolium.linux.ErrnoException;
import java.lang.foreign.Arena;
import java.util.List;
import org.dolium.linux.Arch;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;

/// The one door to the kernel. Nothing else in Dolium links native code.
///
/// Blocking calls are made only on Dolium's own platform threads: a downcall pins a virtual thread's carrier.
public final class Kernel {
    /// The architecture this JVM runs on.
    public static final Arch ARCH = Native.ARCH;

    private Kernel() {}

    /// Performs a call and returns what the kernel returned: `-errno` on failure.
    public static long call(Sys sys, long a, long b, long c, long d, long e, long f) {
        return Native.invoke(Native.RAW, sys, a, b, c, d, e, f);
    }

    public static long call(Sys sys, long a, long b, long c, long d) {
        return call(sys, a, b, c, d, 0, 0);
    }

    public static long call(Sys sys, long a, long b, long c) {
        return call(sys, a, b, c, 0, 0, 0);
    }

    public static long call(Sys sys, long a) {
        return call(sys, a, 0, 0, 0, 0, 0);
    }

    /// Performs a call given as a value.
    ///
    /// @return the result, never negative
    /// @throws ErrnoException if the call fails
    public static long perform(Syscall call) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            long[] words = new long[6];
            List<Arg> args = call.args();
            for (int i = 0; i < args.size(); i++) {
                words[i] = word(args.get(i), arena);
            }
            long result = call(call.sys(), words[0], words[1], words[2], words[3], words[4], words[5]);
            return check(result, call.toString());
        }
    }

    /// Turns a raw result into an exception if it is an error.
    ///
    /// @param call the call as strace prints it
    public static long check(long result, String call) throws ErrnoException {
        if (failed(result)) {
            throw new ErrnoException(call, errno(result));
        }
        return result;
    }

    public static boolean failed(long result) {
        return result < 0 && result >= -4095;
    }

    public static Errno errno(long result) {
        return new Errno((int) -result);
    }

    private static long word(Arg arg, Arena arena) {
        if (arg instanceof Arg.Num num) {
            return num.value();
        }
        if (arg instanceof Arg.Bytes bytes) {
            return copy(bytes.value(), bytes.value().length, arena).address();
        }
        if (arg instanceof Arg.Buffer buffer) {
            return copy(buffer.initial(), buffer.size(), arena).address();
        }
        if (arg instanceof Arg.Strings strings) {
            List<byte[]> values = strings.values();
            Memory pointers = Memory.allocate(arena, 8 * (values.size() + 1));
            for (int i = 0; i < values.size(); i++) {
                byte[] value = Arg.terminated(values.get(i));
                pointers.putLong(8 * i, copy(value, value.length, arena).address());
            }
            return pointers.address();
        }
        if (arg instanceof Arg.Filter filter) {
            Memory header = Memory.allocate(arena, 16);
            header.putLong(0, filter.length());
            header.putLong(8, copy(filter.program(), filter.program().length, arena).address());
            return header.address();
        }
        if (arg instanceof Arg.Message message) {
            Memory header = Memory.allocate(arena, Arg.Message.HEADER + 16);
            header.putLong(Arg.Message.HEADER, copy(message.data(), message.data().length, arena).address());
            header.putLong(Arg.Message.HEADER + 8, message.data().length);
            header.putLong(16, header.address() + Arg.Message.HEADER);
            header.putLong(24, 1);
            header.putLong(32, copy(message.control(), message.control().length, arena).address());
            header.putLong(40, message.control().length);
            return header.address();
        }
        throw new IllegalArgumentException("a call that is performed now has no earlier results: " + arg);
    }

    private static Memory copy(byte[] value, int size, Arena arena) {
        Memory memory = Memory.allocate(arena, Math.max(size, 1));
        memory.put(0, value, 0, value.length);
        return memory;
    }
}
