// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.device;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Runs the bytes of a device program, as the kernel would. Written from the instruction set's specification; it knows
/// nothing of the compiler.
final class BpfMachine {
    private static final int REGISTERS = 11;

    private BpfMachine() {}

    /// @param context `struct bpf_cgroup_dev_ctx`: access and type, major, minor
    /// @return what the program leaves in r0
    static long run(byte[] program, int... context) {
        ByteBuffer code = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
        long[] register = new long[REGISTERS];
        boolean[] written = new boolean[REGISTERS];
        written[1] = true; // the context's address, 0 here
        for (int at = 0, steps = 0; ; at++, steps++) {
            check(at >= 0 && 8 * at < program.length && steps < 10000, "runs out of the program at " + at);
            int opcode = code.get(8 * at) & 0xff;
            int target = code.get(8 * at + 1) & 15;
            int source = code.get(8 * at + 1) >> 4 & 15;
            int offset = code.getShort(8 * at + 2);
            int value = code.getInt(8 * at + 4);
            boolean reads = opcode == 0x57 || opcode == 0x55;
            check(!reads || written[target], "reads r" + target + " before it is written");
            check(opcode != 0x61 || written[source], "reads r" + source + " before it is written");
            switch (opcode) {
                case 0x61 -> {
                    check(source == 1 && offset >= 0 && offset % 4 == 0 && offset <= 8, "reads outside the context");
                    register[target] = Integer.toUnsignedLong(context[offset / 4]);
                }
                case 0x57 -> register[target] &= value;
                case 0xb7 -> register[target] = value;
                case 0x55 -> at += register[target] != value ? offset : 0;
                case 0x95 -> {
                    check(written[0], "ends without a result");
                    return register[0];
                }
                default -> throw new AssertionError("unknown instruction " + Integer.toHexString(opcode));
            }
            written[target] |= opcode != 0x55;
        }
    }

    private static void check(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError("the program " + what);
        }
    }
}
