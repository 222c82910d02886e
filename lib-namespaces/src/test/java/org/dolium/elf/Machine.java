// SPDX-License-Identifier: Apache-2.0
package org.dolium.elf;

import java.util.Arrays;
import java.util.function.Function;
import org.dolium.linux.Arch;
import org.dolium.plan.LaunchPlan;

/// The memory of an emulated process: one image, read-only, and a stack. Every access out of bounds is an error.
final class Machine {
    /// What the emulated process calls.
    interface Kernel {
        /// @return the result, or [#STOP] to end the process
        long call(int step, long number, long[] args);
    }

    /// One more than any errno, so no result that a kernel returns.
    static final long STOP = -4096;

    static final long STACK_END = 0x7fff_0000_0000L;

    private final byte[] image;
    private final byte[] stack;
    private final int codeEnd;

    Machine(byte[] image, LaunchPlan plan, Arch arch) {
        this.image = image;
        codeEnd = ElfImage.HEADERS + code(plan, arch).length;
        stack = new byte[Math.addExact(new Frame(plan.steps()).size(), 64)];
        Arrays.fill(stack, (byte) 0xa5);
    }

    static Assembler assembler(Arch arch) {
        return arch == Arch.X86_64 ? new X86_64() : new Aarch64();
    }

    /// The code that `plan` compiles to, before its addresses are known.
    static byte[] code(LaunchPlan plan, Arch arch) {
        Assembler asm = assembler(arch);
        PlanCompiler compiler = new PlanCompiler(plan, arch, asm);
        asm.failures(plan.statusFd());
        compiler.emit();
        return Arrays.copyOf(asm.code().bytes(), asm.code().size());
    }

    /// Runs the image from its entry point until the kernel stops it.
    static void run(byte[] image, LaunchPlan plan, Arch arch, Function<Machine, Kernel> kernel) {
        Machine machine = new Machine(image, plan, arch);
        if (arch == Arch.X86_64) {
            new X86Emulator(machine, kernel.apply(machine)).run(machine.read(ElfImage.ADDRESS + 24, 8));
        } else {
            new ArmEmulator(machine, kernel.apply(machine)).run(machine.read(ElfImage.ADDRESS + 24, 8));
        }
    }

    /// `count` bytes of code as a little-endian number.
    long fetch(long address, int count) {
        if (address < ElfImage.ADDRESS + ElfImage.HEADERS || address + count > ElfImage.ADDRESS + codeEnd) {
            throw new AssertionError("no code at " + Long.toHexString(address));
        }
        return read(address, count);
    }

    long read(long address, int count) {
        long value = 0;
        byte[] memory = memory(address, count);
        int at = index(address);
        for (int i = 0; i < count; i++) {
            value |= (memory[at + i] & 0xffL) << (i * 8);
        }
        return value;
    }

    byte[] bytes(long address, int count) {
        return Arrays.copyOfRange(memory(address, count), index(address), index(address) + count);
    }

    void write(long address, long value, int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) (value >>> (i * 8));
        }
        write(address, bytes);
    }

    void write(long address, byte[] bytes) {
        if (memory(address, bytes.length) == image) {
            throw new AssertionError("write to the image at " + Long.toHexString(address));
        }
        System.arraycopy(bytes, 0, stack, index(address), bytes.length);
    }

    private byte[] memory(long address, int count) {
        if (address >= ElfImage.ADDRESS && address + count <= ElfImage.ADDRESS + image.length) {
            return image;
        }
        if (address >= STACK_END - stack.length && address + count <= STACK_END) {
            return stack;
        }
        throw new AssertionError("nothing at " + Long.toHexString(address) + ", size " + count);
    }

    private int index(long address) {
        return (int) (address < 1L << 32 ? address - ElfImage.ADDRESS : address - STACK_END + stack.length);
    }
}
