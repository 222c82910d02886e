// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Sys;

/// Lets a JVM kill itself at a given one of its system calls and operations on files. They are counted by copies of the product's classes
/// that call [#point] before each of them, which [#write] makes for the beginning of the JVM's class path: the product knows nothing of it.
public final class KillPoints {
    private static final String DOOR = "org.dolium.kernel.Native";
    private static final List<String> WITH_FILES =
            List.of("org.dolium.container.UpperDirectory", "org.dolium.container.LayerRecord");
    private static final Set<String> FILE_OPERATIONS = Set.of("java/nio/file/Files", "java/nio/channels/FileChannel");
    private static final int SIGKILL = 9;

    private static final AtomicLong COUNT = new AtomicLong();
    private static final long PID = ProcessHandle.current().pid();
    private static volatile long last = Long.MAX_VALUE;
    private static volatile boolean counting;

    private KillPoints() {}

    /// Counts from here on, and kills this JVM at point `number`, the first being 1.
    static void begin(long number) {
        last = number;
        counting = true;
    }

    /// @return how many points there were since [#begin]
    static long end() {
        counting = false;
        return COUNT.get();
    }

    /// Called by the changed classes.
    public static void point() {
        if (counting && COUNT.incrementAndGet() == last) {
            Kernel.call(Sys.KILL, PID, SIGKILL, 0);
        }
    }

    /// Writes the changed classes.
    static void write(Path directory) throws IOException {
        write(directory, DOOR, ClassTransform.transformingMethodBodies(KillPoints::isDoor, CodeTransform.ofStateful(AtBeginning::new)));
        for (String name : WITH_FILES) {
            write(directory, name, ClassTransform.transformingMethodBodies((builder, element) -> {
                if (element instanceof InvokeInstruction call && FILE_OPERATIONS.contains(call.owner().asInternalName())) {
                    callPoint(builder);
                }
                builder.with(element);
            }));
        }
    }

    /// The one of two that the other calls.
    private static boolean isDoor(MethodModel method) {
        return method.methodName().equalsString("invoke")
                && method.methodType().stringValue().startsWith("(Ljava/lang/foreign/MemorySegment;J");
    }

    private static final class AtBeginning implements CodeTransform {
        @Override
        public void atStart(CodeBuilder builder) {
            callPoint(builder);
        }

        @Override
        public void accept(CodeBuilder builder, CodeElement element) {
            builder.with(element);
        }
    }

    private static void callPoint(CodeBuilder builder) {
        builder.invokestatic(ClassDesc.of(KillPoints.class.getName()), "point", MethodTypeDesc.of(ConstantDescs.CD_void));
    }

    private static void write(Path directory, String name, ClassTransform change) throws IOException {
        String file = name.replace('.', '/') + ".class";
        try (InputStream in = KillPoints.class.getClassLoader().getResourceAsStream(file)) {
            byte[] original = in.readAllBytes();
            byte[] changed = ClassFile.of().transformClass(ClassFile.of().parse(original), change);
            if (changed.length <= original.length) {
                throw new IOException(name + " has no place for a point");
            }
            Path target = directory.resolve(file);
            Files.createDirectories(target.getParent());
            Files.write(target, changed);
        }
    }
}
