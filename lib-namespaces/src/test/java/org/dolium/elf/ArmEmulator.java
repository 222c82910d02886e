// SPDX-License-Identifier: Apache-2.0
package org.dolium.elf;

import java.util.Arrays;

/// Executes the AArch64 instructions that launch images consist of, and no other.
final class ArmEmulator {
    private final Machine memory;
    private final Machine.Kernel kernel;

    /// Number 31 is always zero.
    private final long[] registers = new long[32];

    private long sp = Machine.STACK_END;
    private long pc;
    private long left;
    private long right;
    private boolean running = true;

    ArmEmulator(Machine memory, Machine.Kernel kernel) {
        this.memory = memory;
        this.kernel = kernel;
        Arrays.fill(registers, 0, 31, 0xdead_beef_dead_beefL);
    }

    void run(long entry) {
        pc = entry;
        while (running) {
            if ((pc & 3) != 0 || (sp & 15) != 0) {
                throw new AssertionError("misaligned pc or sp");
            }
            int instruction = (int) memory.fetch(pc, 4);
            pc += 4;
            if (!branch(instruction) && !wide(instruction) && !frame(instruction)) {
                single(instruction);
            }
            registers[31] = 0;
        }
    }

    private boolean branch(int i) {
        int distance = i << 6 >> 6;
        switch (i >>> 24) {
            case 0x94, 0x95, 0x96, 0x97 -> {
                registers[30] = pc;
                pc += distance * 4L - 4;
            }
            case 0x14, 0x15, 0x16, 0x17 -> pc += distance * 4L - 4;
            case 0x54 -> {
                boolean taken = switch (i & 31) {
                    case 0 -> left == right;
                    case 1 -> left != right;
                    case 3 -> Long.compareUnsigned(left, right) < 0;
                    case 4 -> left - right < 0;
                    default -> throw new AssertionError("condition " + (i & 31));
                };
                pc += taken ? (i << 8 >> 13) * 4L - 4 : 0;
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean wide(int i) {
        int target = i & 31;
        int shift = (i >>> 21 & 3) * 16;
        long part = (i >>> 5 & 0xffffL) << shift;
        switch (i >>> 23) {
            case 0xd28 >>> 3 -> registers[target] = part;
            case 0x928 >>> 3 -> registers[target] = ~part;
            case 0xf28 >>> 3 -> registers[target] = registers[target] & ~(0xffffL << shift) | part;
            default -> {
                return false;
            }
        }
        return true;
    }

    /// Instructions with the stack pointer as their base.
    private boolean frame(int i) {
        int target = i & 31;
        int immediate = i >>> 10 & 0xfff;
        if ((i & 0xffc003ff) == 0xd10003ff) {
            sp -= immediate;
        } else if (i == 0xcb3063ff) {
            sp -= registers[16];
        } else if ((i & 0xffc003e0) == 0x910003e0) {
            registers[target] = sp + immediate;
        } else if ((i & 0xffffffe0) == 0x8b3063e0) {
            registers[target] = sp + registers[16];
        } else if ((i & 0xffc003e0) == 0xf94003e0) {
            registers[target] = memory.read(sp + immediate * 8L, 8);
        } else if ((i & 0xffffffe0) == 0xf8706be0) {
            registers[target] = memory.read(sp + registers[16], 8);
        } else if ((i & 0xffc003e0) == 0xf90003e0) {
            memory.write(sp + immediate * 8L, registers[target], 8);
        } else if ((i & 0xffffffe0) == 0xf8306be0) {
            memory.write(sp + registers[16], registers[target], 8);
        } else if ((i & 0xffc003e0) == 0xb90003e0) {
            memory.write(sp + immediate * 4L, registers[target], 4);
        } else {
            return false;
        }
        return true;
    }

    private void single(int i) {
        if ((i & 0xffc003ff) == 0xb100001f) {
            compare(registers[0], -(long) (i >>> 10 & 0xfff));
        } else if ((i & 0xffc003ff) == 0xf100001f) {
            compare(registers[0], i >>> 10 & 0xfff);
        } else {
            fixed(i);
        }
    }

    private void fixed(int i) {
        switch (i) {
            case 0xeb10001f -> compare(registers[0], registers[16]);
            case 0x8a100000 -> registers[0] &= registers[16];
            case 0x4b0003e1 -> registers[1] = -registers[0] & 0xffffffffL;
            case 0xaa0003f4 -> registers[20] = registers[0];
            case 0xaa1403e0 -> registers[0] = registers[20];
            case 0xd65f03c0 -> pc = registers[30];
            case 0xd4000001 -> {
                registers[0] = kernel.call((int) registers[19], registers[8], Arrays.copyOf(registers, 6));
                running = registers[0] != Machine.STOP;
            }
            case 0xf800853f -> storeNext(31);
            case 0xf800852c -> storeNext(12);
            case 0xf840856c -> {
                registers[12] = memory.read(registers[11], 8);
                registers[11] += 8;
            }
            case 0xf100054a -> {
                compare(registers[10], 1);
                registers[10]--;
            }
            default -> throw new AssertionError("instruction " + Integer.toHexString(i));
        }
    }

    private void storeNext(int register) {
        memory.write(registers[9], registers[register], 8);
        registers[9] += 8;
    }

    private void compare(long first, long second) {
        left = first;
        right = second;
    }
}
