// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.device;

import java.nio.ByteBuffer;

/// One instruction of an eBPF program: the few that device programs need; see
/// [the instruction set](https://docs.kernel.org/bpf/standardization/instruction-set.html).
///
/// @param code what it does
/// @param target the register that it writes or compares
/// @param source the register that it reads
/// @param offset how far it jumps, or where it reads
/// @param value the constant
record Instruction(int code, int target, int source, int offset, int value) {
    /// `target = *(u32 *)(source + offset)`
    static final int LOAD = 0x61;
    /// `target &= value`, in 64 bits
    static final int AND = 0x57;
    /// `target = value`
    static final int SET = 0xb7;
    /// `if target != value, jump over offset instructions`
    static final int JUMP_IF_NOT = 0x55;
    /// end with the result in r0
    static final int EXIT = 0x95;

    static final int SIZE = 8;

    static Instruction load(int target, int source, int offset) {
        return new Instruction(LOAD, target, source, offset, 0);
    }

    static Instruction and(int target, int value) {
        return new Instruction(AND, target, 0, 0, value);
    }

    static Instruction set(int target, int value) {
        return new Instruction(SET, target, 0, 0, value);
    }

    static Instruction jumpIfNot(int target, int value, int over) {
        return new Instruction(JUMP_IF_NOT, target, 0, over, value);
    }

    static Instruction exit() {
        return new Instruction(EXIT, 0, 0, 0, 0);
    }

    /// Appends `struct bpf_insn`. Both architectures are little-endian.
    void write(ByteBuffer out) {
        out.put((byte) code).put((byte) (source << 4 | target)).putShort((short) offset).putInt(value);
    }

    /// As the kernel's verifier prints it.
    @Override
    public String toString() {
        String register = "r" + target;
        return "(" + Integer.toHexString(code) + ") "
                + switch (code) {
                    case LOAD -> register + " = *(u32 *)(r" + source + " +" + offset + ")";
                    case AND -> register + " &= " + value;
                    case SET -> register + " = " + value;
                    case JUMP_IF_NOT -> "if " + register + " != 0x" + Integer.toHexString(value) + " goto pc+" + offset;
                    case EXIT -> "exit";
                    default -> "?";
                };
    }
}
