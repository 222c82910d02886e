// SPDX-License-Identifier: Apache-2.0
package org.dolium.elf;

import org.dolium.linux.Arch;
import org.dolium.plan.LaunchPlan;

/// The bytes of a static ELF executable that performs one [LaunchPlan]: headers, code and constants in a single
/// readable and executable segment. The only writable memory of the process is its stack.
public final class ElfImage {
    /// Where the image is mapped.
    static final int ADDRESS = 0x400000;

    private static final int FILE_HEADER = 64;
    private static final int PROGRAM_HEADER = 56;
    static final int HEADERS = FILE_HEADER + 2 * PROGRAM_HEADER;

    private static final int PT_LOAD = 1;
    private static final int PT_GNU_STACK = 0x6474e551;
    private static final int EXECUTE = 1;
    private static final int WRITE = 2;
    private static final int READ = 4;

    private ElfImage() {}

    /// Compiles `plan` for `arch`. Equal plans give equal bytes.
    ///
    /// The program performs the steps and exits with status 0 unless the last one replaced it. A step that fails makes
    /// it write the step and the errno, two 32-bit little-endian numbers, to the plan's status descriptor, and exit
    /// with status 127. A noted failure writes the same record with bit 31 of the step set.
    ///
    /// @throws IllegalArgumentException if a step is malformed (the message names it) or the image exceeds 64 MiB
    public static byte[] compile(LaunchPlan plan, Arch arch) {
        if (plan.statusFd() < 0) {
            throw new IllegalArgumentException("the status descriptor " + plan.statusFd() + " is negative");
        }
        Assembler asm = arch == Arch.X86_64 ? new X86_64() : new Aarch64();
        PlanCompiler compiler = new PlanCompiler(plan, arch, asm);
        asm.failures(plan.statusFd());
        int entry = HEADERS + asm.code().size();
        compiler.emit();
        return link(asm, entry, compiler.constants().output());
    }

    private static byte[] link(Assembler asm, int entry, Output data) {
        Output code = asm.code();
        code.align(8);
        int dataStart = Math.addExact(HEADERS, code.size());
        int size = Math.addExact(dataStart, data.size());
        if (size > Output.LIMIT) {
            throw Output.tooLarge();
        }
        asm.relocate(ADDRESS + dataStart);
        data.relocate(ADDRESS + dataStart);
        byte[] image = new byte[size];
        System.arraycopy(headers(asm, entry, size).bytes(), 0, image, 0, HEADERS);
        System.arraycopy(code.bytes(), 0, image, HEADERS, code.size());
        System.arraycopy(data.bytes(), 0, image, dataStart, data.size());
        return image;
    }

    private static Output headers(Assembler asm, int entry, int size) {
        Output out = new Output(HEADERS);
        out.put(0x00010102464c457fL, 8); // magic, 64 bits, little-endian, version 1, System V
        out.put(0, 8);
        out.put(2, 2); // ET_EXEC
        out.put(asm.machine(), 2);
        out.put(1, 4); // version
        out.put(ADDRESS + entry, 8);
        out.put(FILE_HEADER, 8); // program headers
        out.put(0, 8); // section headers
        out.put(0, 4); // flags
        out.put(FILE_HEADER, 2);
        out.put(PROGRAM_HEADER, 2);
        out.put(2, 2);
        out.put(0, 6);
        segment(out, PT_LOAD, READ | EXECUTE, ADDRESS, size, asm.pageSize());
        segment(out, PT_GNU_STACK, READ | WRITE, 0, 0, 16);
        return out;
    }

    private static void segment(Output out, int type, int flags, int address, int size, int alignment) {
        out.put(type, 4);
        out.put(flags, 4);
        out.put(0, 8); // file offset
        out.put(address, 8);
        out.put(address, 8);
        out.put(size, 8);
        out.put(size, 8);
        out.put(alignment, 8);
    }
}
