// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;

/// Runs filter programs as the kernel does, and checks them as the kernel does before it takes one (`bpf_check_classic` and
/// `seccomp_check_filter`).
public final class BpfInterpreter {
    public static final int X86_64 = 0xc000003e;
    public static final int AARCH64 = 0xc00000b7;
    public static final int I386 = 0x40000003;

    private final int[] opcodes;
    private final int[] whenTrue;
    private final int[] whenFalse;
    private final int[] operands;
    private final BitSet executed = new BitSet();
    private final BitSet jumped = new BitSet();
    private final BitSet passed = new BitSet();
    private long instructions;
    private long runs;

    /// @param program an array of `struct sock_filter`
    public BpfInterpreter(byte[] program) {
        if (program.length == 0 || program.length % 8 != 0 || program.length > 4096 * 8) {
            throw new AssertionError("a program of " + program.length + " bytes");
        }
        int count = program.length / 8;
        opcodes = new int[count];
        whenTrue = new int[count];
        whenFalse = new int[count];
        operands = new int[count];
        ByteBuffer bytes = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            opcodes[i] = bytes.getShort();
            whenTrue[i] = bytes.get() & 0xff;
            whenFalse[i] = bytes.get() & 0xff;
            operands[i] = bytes.getInt();
            check(i, count);
        }
        if (opcodes[count - 1] != 0x06) {
            throw new AssertionError("the last instruction is no return");
        }
    }

    private void check(int i, int count) {
        boolean fine = switch (opcodes[i]) {
            case 0x20 -> operands[i] >= 0 && operands[i] < 64 && operands[i] % 4 == 0;
            case 0x54, 0x06 -> true;
            case 0x05 -> Integer.compareUnsigned(operands[i], count - i - 1) < 0;
            case 0x15, 0x25, 0x35, 0x45 -> i + 1 + whenTrue[i] < count && i + 1 + whenFalse[i] < count;
            default -> false;
        };
        if (!fine) {
            throw new AssertionError("the kernel refuses instruction " + line(i));
        }
    }

    /// What the program returns: an action in the high 16 bits and its data in the low ones.
    public int run(int arch, int number, long... args) {
        ByteBuffer data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        data.putInt(0, number).putInt(4, arch).putLong(8, 0x7fff_1234_5678L);
        for (int i = 0; i < args.length; i++) {
            data.putLong(16 + 8 * i, args[i]);
        }
        runs++;
        int a = 0;
        for (int at = 0; ; at++) {
            instructions++;
            executed.set(at);
            int k = operands[at];
            switch (opcodes[at]) {
                case 0x20 -> a = data.getInt(k);
                case 0x54 -> a &= k;
                case 0x05 -> at += k;
                case 0x06 -> {
                    return k;
                }
                default -> at += branch(at, holds(opcodes[at], a, k));
            }
        }
    }

    private static boolean holds(int opcode, int a, int k) {
        return switch (opcode) {
            case 0x15 -> a == k;
            case 0x25 -> Integer.compareUnsigned(a, k) > 0;
            case 0x35 -> Integer.compareUnsigned(a, k) >= 0;
            default -> (a & k) != 0;
        };
    }

    private int branch(int at, boolean holds) {
        (holds ? jumped : passed).set(at);
        return holds ? whenTrue[at] : whenFalse[at];
    }

    /// How many instructions it has.
    public int size() {
        return opcodes.length;
    }

    /// Executed instructions per run.
    public double average() {
        return (double) instructions / runs;
    }

    /// Instructions that no run executed, and branches that none took.
    public String notCovered() {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < opcodes.length; i++) {
            boolean conditional = (opcodes[i] & 0x0f) == 0x05 && opcodes[i] != 0x05;
            if (!executed.get(i)) {
                out.append("never: ").append(line(i)).append('\n');
            } else if (conditional && !(jumped.get(i) && passed.get(i))) {
                out.append(jumped.get(i) ? "always true: " : "always false: ").append(line(i)).append('\n');
            }
        }
        return out.toString();
    }

    private String line(int i) {
        return "%d: %02x jt=%d jf=%d k=0x%x".formatted(i, opcodes[i], whenTrue[i], whenFalse[i], operands[i]);
    }

    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < opcodes.length; i++) {
            out.append(line(i)).append('\n');
        }
        return out.toString();
    }
}
