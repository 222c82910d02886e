// SPDX-License-Identifier: Apache-2.0
package org.dolium.seccomp;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dolium.seccomp.SeccompCondition.Comparison;
import org.dolium.testing.MustRun;

/// The C library that other runtimes make their filters with; see seccomp_init(3).
final class LibSeccomp implements AutoCloseable {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout POINTER = ValueLayout.ADDRESS;
    private static final int CTL_OPTIMIZE = 8;
    /// In the order of `enum scmp_compare`.
    private static final List<Comparison> COMPARISONS = List.of(
            Comparison.NE, Comparison.LT, Comparison.LE, Comparison.EQ, Comparison.GE, Comparison.GT, Comparison.MASKED_EQ);

    private final Arena arena = Arena.ofConfined();
    private final SymbolLookup library;
    private final MemorySegment context;

    LibSeccomp(SeccompAction usual) throws Throwable {
        Path file = Path.of("/usr/lib/x86_64-linux-gnu/libseccomp.so.2");
        MustRun.require(Files.exists(file), "libseccomp, a library that crun brings");
        library = SymbolLookup.libraryLookup(file, arena);
        context = (MemorySegment) function("seccomp_init", FunctionDescriptor.of(POINTER, INT)).invoke(usual.value());
    }

    private MethodHandle function(String name, FunctionDescriptor type) {
        return Linker.nativeLinker().downcallHandle(library.findOrThrow(name), type);
    }

    private static void check(String name, int result) {
        if (result != 0) {
            throw new AssertionError(name + " = " + result);
        }
    }

    /// @param level 1 for one comparison after the other, 2 for a binary search
    void optimize(int level) throws Throwable {
        check("seccomp_attr_set", (int) function("seccomp_attr_set", FunctionDescriptor.of(INT, POINTER, INT, INT))
                .invoke(context, CTL_OPTIMIZE, level));
    }

    void add(SeccompAction action, int number, List<SeccompCondition> conditions) throws Throwable {
        MemorySegment array = arena.allocate(24L * Math.max(1, conditions.size()), 8);
        for (int i = 0; i < conditions.size(); i++) {
            SeccompCondition condition = conditions.get(i);
            boolean masked = condition.comparison() == Comparison.MASKED_EQ;
            array.set(INT, 24L * i, condition.argument());
            array.set(INT, 24L * i + 4, 1 + COMPARISONS.indexOf(condition.comparison()));
            array.set(LONG, 24L * i + 8, masked ? condition.mask() : condition.value());
            array.set(LONG, 24L * i + 16, masked ? condition.value() : 0);
        }
        FunctionDescriptor type = FunctionDescriptor.of(INT, POINTER, INT, INT, INT, POINTER);
        check("seccomp_rule_add_array", (int) function("seccomp_rule_add_array", type)
                .invoke(context, action.value(), number, conditions.size(), array));
    }

    /// The program.
    byte[] export() throws Throwable {
        Path file = Files.createTempFile("filter", ".bpf");
        MethodHandle open = Linker.nativeLinker().downcallHandle(
                Linker.nativeLinker().defaultLookup().findOrThrow("creat"), FunctionDescriptor.of(INT, POINTER, INT));
        int fd = (int) open.invoke(arena.allocateFrom(file.toString()), 0600);
        check("seccomp_export_bpf",
                (int) function("seccomp_export_bpf", FunctionDescriptor.of(INT, POINTER, INT)).invoke(context, fd));
        Linker.nativeLinker()
                .downcallHandle(Linker.nativeLinker().defaultLookup().findOrThrow("close"), FunctionDescriptor.of(INT, INT))
                .invoke(fd);
        byte[] program = Files.readAllBytes(file);
        Files.delete(file);
        return program;
    }

    @Override
    public void close() throws Exception {
        try {
            function("seccomp_release", FunctionDescriptor.ofVoid(POINTER)).invoke(context);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
        arena.close();
    }
}
