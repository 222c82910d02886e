// SPDX-License-Identifier: Apache-2.0
package org.dolium.kernel;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.dolium.linux.Arch;
import org.dolium.linux.Sys;

/// The only link to native code: one downcall handle of one shape, used with three addresses in a page of our own.
///
/// The page is written first and then made read and execute; it is never writable and executable at once. libc's
/// `syscall(2)` is used only for the two calls that make the page, through the same handle: each further call shape
/// would cost tens of milliseconds in a new JVM.
final class Native {
    static final Arch ARCH = Arch.parse(System.getProperty("os.arch"));
    static final MethodHandle CALL = handle();
    static final MemorySegment RAW;
    static final MemorySegment CLONE;
    static final MemorySegment LINES;

    private static final long PAGE = 4096;
    private static final long PROT_READ_WRITE = 3;
    private static final long PROT_READ_EXEC = 5;
    private static final long MAP_PRIVATE_ANONYMOUS = 0x22;

    static {
        byte[] code = MachineCode.bytes(ARCH);
        long page = codePage(code);
        RAW = MemorySegment.ofAddress(page);
        CLONE = MemorySegment.ofAddress(page + MachineCode.cloneOffset(ARCH));
        LINES = MemorySegment.ofAddress(page + MachineCode.linesOffset(ARCH));
    }

    private Native() {}

    @SuppressWarnings("restricted") // the one place that links native code
    private static MethodHandle handle() {
        ValueLayout.OfLong word = ValueLayout.JAVA_LONG;
        return Linker.nativeLinker()
                .downcallHandle(FunctionDescriptor.of(word, word, word, word, word, word, word, word));
    }

    @SuppressWarnings("restricted") // the page is our own
    private static long codePage(byte[] code) {
        MemorySegment libc = Linker.nativeLinker().defaultLookup().findOrThrow("syscall");
        long page = invoke(libc, Sys.MMAP, 0, PAGE, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
        if (page == -1) {
            throw new IllegalStateException("mmap of a page for machine code failed: out of memory");
        }
        MemorySegment memory = MemorySegment.ofAddress(page).reinterpret(PAGE);
        MemorySegment.copy(code, 0, memory, ValueLayout.JAVA_BYTE, 0, code.length);
        if (invoke(libc, Sys.MPROTECT, page, PAGE, PROT_READ_EXEC, 0, 0, 0) != 0) {
            throw new IllegalStateException(
                    "mprotect(PROT_READ|PROT_EXEC) was refused: a security module forbids executable memory");
        }
        if (!java.util.Arrays.equals(memory.asSlice(0, code.length).toArray(ValueLayout.JAVA_BYTE), code)) {
            throw new AssertionError("the machine code page differs from what was written");
        }
        return page;
    }

    static long invoke(MemorySegment target, Sys sys, long a, long b, long c, long d, long e, long f) {
        return invoke(target, sys.number(ARCH), a, b, c, d, e, f);
    }

    static long invoke(MemorySegment target, long n, long a, long b, long c, long d, long e, long f) {
        try {
            return (long) CALL.invokeExact(target, n, a, b, c, d, e, f);
        } catch (RuntimeException | Error e1) {
            throw e1;
        } catch (Throwable t) {
            throw new AssertionError("a native call cannot throw a checked exception", t);
        }
    }
}
