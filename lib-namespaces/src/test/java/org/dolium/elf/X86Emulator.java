// SPDX-License-Identifier: Apache-2.0
package org.dolium.elf;

/// Executes the x86-64 instructions that launch images consist of, and no other.
final class X86Emulator {
    private static final int RSP = 4;

    private final Machine memory;
    private final Machine.Kernel kernel;
    private final long[] registers = new long[16];
    private long pc;
    private long left;
    private long right;
    private boolean running = true;

    X86Emulator(Machine memory, Machine.Kernel kernel) {
        this.memory = memory;
        this.kernel = kernel;
        registers[RSP] = Machine.STACK_END;
    }

    void run(long entry) {
        pc = entry;
        while (running) {
            step();
        }
    }

    private void step() {
        int opcode = next();
        boolean repeat = opcode == 0xf3;
        opcode = repeat ? next() : opcode;
        int rex = opcode >> 4 == 4 ? opcode : 0;
        opcode = rex != 0 ? next() : opcode;
        boolean wide = (rex & 8) != 0;
        int extra = (rex & 1) << 3;
        if (repeat) {
            repeat(opcode);
        } else if (opcode >> 3 == 0xb8 >> 3) {
            registers[opcode & 7 | extra] = wide ? immediate(8) : immediate(4);
        } else if (opcode == 0x31 || opcode == 0x39 || opcode == 0x21 || opcode == 0x85) {
            arithmetic(opcode, next(), extra);
        } else if (opcode == 0x89 || opcode == 0x8b || opcode == 0x8d) {
            move(opcode, rex);
        } else {
            other(opcode, extra);
        }
    }

    private void other(int opcode, int extra) {
        switch (opcode) {
            case 0x0f -> twoBytes(next());
            case 0x3d -> compare(registers[0], (int) immediate(4));
            case 0x50 -> push(registers[0]);
            case 0x58 -> registers[0] = pop();
            case 0x81 -> {
                require(next() == 0xec);
                registers[RSP] -= immediate(4);
                require((registers[RSP] & 15) == 0);
            }
            case 0xc3 -> pc = pop();
            case 0xc7 -> {
                int target = next() & 7 | extra;
                registers[target] = (int) immediate(4);
            }
            case 0xe8 -> {
                int distance = (int) immediate(4);
                push(pc);
                pc += distance;
            }
            case 0xe9 -> {
                int distance = (int) immediate(4);
                pc += distance;
            }
            case 0xf7 -> {
                require(next() == 0xd8);
                registers[0] = -registers[0] & 0xffffffffL;
            }
            default -> throw new AssertionError("opcode " + Integer.toHexString(opcode));
        }
    }

    private void twoBytes(int opcode) {
        if (opcode == 0x05) {
            long[] args = {registers[7], registers[6], registers[2], registers[10], registers[8], registers[9]};
            long result = kernel.call((int) registers[3], registers[0], args);
            running = result != Machine.STOP;
            registers[0] = result;
            registers[1] = 0xdead_beef_dead_beefL;
            registers[11] = 0xdead_beef_dead_beefL;
            return;
        }
        int distance = (int) immediate(4);
        boolean taken = switch (opcode) {
            case 0x82 -> Long.compareUnsigned(left, right) < 0;
            case 0x83 -> Long.compareUnsigned(left, right) >= 0;
            case 0x84 -> left == right;
            case 0x85 -> left != right;
            case 0x88 -> left - right < 0;
            default -> throw new AssertionError("opcode 0f " + Integer.toHexString(opcode));
        };
        pc += taken ? distance : 0;
    }

    private void arithmetic(int opcode, int operands, int extra) {
        require(operands >> 6 == 3);
        int target = operands & 7 | extra;
        int source = operands >> 3 & 7 | extra;
        switch (opcode) {
            case 0x31 -> {
                require(target == source);
                registers[target] = 0;
            }
            case 0x39 -> compare(registers[target], registers[source]);
            case 0x21 -> registers[target] &= registers[source];
            default -> compare(registers[target] & registers[source], 0);
        }
    }

    private void move(int opcode, int rex) {
        int operands = next();
        int register = operands >> 3 & 7 | (rex & 4) << 1;
        int width = (rex & 8) != 0 ? 8 : 4;
        if (operands >> 6 == 3) {
            require(width == 8 && opcode == 0x89);
            registers[operands & 7 | (rex & 1) << 3] = registers[register];
            return;
        }
        require((operands & 7) == RSP && next() == 0x24);
        long address = registers[RSP] + (operands >> 6 == 1 ? (byte) next() : (int) immediate(4));
        switch (opcode) {
            case 0x89 -> memory.write(address, registers[register], width);
            case 0x8b -> registers[register] = memory.read(address, width);
            default -> registers[register] = address;
        }
    }

    private void repeat(int opcode) {
        for (; registers[1] != 0; registers[1]--) {
            memory.write(registers[7], opcode == 0xab ? registers[0] : memory.read(registers[6], 8), 8);
            registers[7] += 8;
            registers[6] += opcode == 0xab ? 0 : 8;
        }
        require(opcode == 0xab || opcode == 0xa5);
    }

    private void compare(long first, long second) {
        left = first;
        right = second;
    }

    private void push(long value) {
        registers[RSP] -= 8;
        memory.write(registers[RSP], value, 8);
    }

    private long pop() {
        registers[RSP] += 8;
        return memory.read(registers[RSP] - 8, 8);
    }

    private int next() {
        return (int) immediate(1);
    }

    private long immediate(int count) {
        long value = memory.fetch(pc, count);
        pc += count;
        return value;
    }

    private static void require(boolean holds) {
        if (!holds) {
            throw new AssertionError("unknown operands");
        }
    }
}
