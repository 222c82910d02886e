// SPDX-License-Identifier: Apache-2.0
package org.dolium.seccomp;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// Instructions of a filter program, written from the last to the first: jumps only go forward, so their targets are
/// there already. A place in the program is its distance from the end.
///
/// A conditional jump reaches 255 instructions far. Where a target is farther, a copy of it is made if it is a return, else
/// a long jump to it.
final class FilterCode {
    static final int JEQ = 0x15;
    static final int JGT = 0x25;
    static final int JGE = 0x35;
    static final int JSET = 0x45;

    private static final int LOAD = 0x20;
    private static final int AND = 0x54;
    private static final int JUMP = 0x05;
    private static final int RETURN = 0x06;

    /// Leaves room for two long jumps.
    private static final int NEAR = 250;

    private final Map<Integer, Integer> returns = new HashMap<>();
    private long[] code = new long[256];
    private int size;

    int size() {
        return size;
    }

    private int add(int opcode, int whenTrue, int whenFalse, int operand) {
        if (size == code.length) {
            code = Arrays.copyOf(code, size * 2);
        }
        code[size] = opcode | (long) whenTrue << 16 | (long) whenFalse << 24 | (long) operand << 32;
        return size++;
    }

    /// A return that the next conditional jump reaches.
    int ret(int action) {
        Integer known = returns.get(action);
        if (known != null && size - known <= NEAR) {
            return known;
        }
        int place = add(RETURN, 0, 0, action);
        returns.put(action, place);
        return place;
    }

    int jump(int opcode, int operand, int whenTrue, int whenFalse) {
        int no = near(whenFalse);
        int yes = near(whenTrue);
        return add(opcode, size - 1 - yes, size - 1 - no, operand);
    }

    /// Comes before what was written last.
    int and(int mask) {
        return add(AND, 0, 0, mask);
    }

    /// Comes before what was written last.
    int load(int offset) {
        return add(LOAD, 0, 0, offset);
    }

    /// Lets what is written next go on at `target`.
    void goOn(int target) {
        if (target == size - 1) {
            return;
        }
        int action = (int) (code[target] >>> 32);
        if (isReturn(target)) {
            returns.put(action, add(RETURN, 0, 0, action));
        } else {
            add(JUMP, 0, 0, size - 1 - target);
        }
    }

    private boolean isReturn(int place) {
        return (code[place] & 0xffff) == RETURN;
    }

    private int near(int target) {
        return size - target <= NEAR ? target : far(target);
    }

    private int far(int target) {
        return isReturn(target) ? ret((int) (code[target] >>> 32)) : add(JUMP, 0, 0, size - 1 - target);
    }

    /// Leaves out what is never reached: loads of a word that everyone who comes along has loaded already.
    private void compact() {
        boolean[] reached = new boolean[size];
        reached[size - 1] = true;
        int[] places = new int[size + 1]; // how many reached ones are below
        for (int at = size - 1; at > 0; at--) {
            int opcode = (int) code[at] & 0xffff;
            if (reached[at] && opcode != RETURN) {
                reached[at - 1 - whenTrue(code[at])] = true;
                reached[at - 1 - whenFalse(code[at])] = true;
            }
        }
        for (int at = 0; at < size; at++) {
            places[at + 1] = places[at] + (reached[at] ? 1 : 0);
        }
        for (int at = 0; at < size; at++) {
            if (reached[at]) {
                code[places[at]] = moved(code[at], at, places);
            }
        }
        size = places[size];
    }

    private static int whenTrue(long instruction) {
        int opcode = (int) instruction & 0xffff;
        return opcode == JUMP ? (int) (instruction >>> 32) : (int) (instruction >>> 16) & 0xff;
    }

    private static int whenFalse(long instruction) {
        int opcode = (int) instruction & 0xffff;
        return opcode == JUMP ? (int) (instruction >>> 32) : (int) (instruction >>> 24) & 0xff;
    }

    private static long moved(long instruction, int at, int[] places) {
        int opcode = (int) instruction & 0xffff;
        if (opcode == RETURN) {
            return instruction;
        }
        long yes = places[at] - 1 - places[at - 1 - whenTrue(instruction)];
        long no = places[at] - 1 - places[at - 1 - whenFalse(instruction)];
        return opcode == JUMP
                ? instruction & 0xffffffffL | yes << 32
                : instruction & 0xffffffff_0000ffffL | yes << 16 | no << 24;
    }

    /// The program as `struct sock_filter[]`.
    byte[] finish() {
        compact();
        byte[] bytes = new byte[size * 8];
        for (int i = 0; i < size; i++) {
            long instruction = code[size - 1 - i];
            for (int b = 0; b < 8; b++) {
                bytes[i * 8 + b] = (byte) (instruction >>> 8 * b);
            }
        }
        return bytes;
    }
}
