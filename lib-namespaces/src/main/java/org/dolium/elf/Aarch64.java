// SPDX-License-Identifier: Apache-2.0
package org.dolium.elf;

import org.dolium.linux.Arch;
import org.dolium.linux.Sys;

/// The AArch64 back end. The result is in `x0` and the step in `w19`; `x20` keeps a result across a report; `x16` is
/// scratch.
final class Aarch64 implements Assembler {
    private static final int NUMBER = 8;
    private static final int SCRATCH = 16;
    private static final int STEP = 19;
    private static final int SVC = 0xd4000001;

    private final Output out = new Output(4096);
    private int protocolFailure;
    private int failure;
    private int report;

    @Override
    public Output code() {
        return out;
    }

    @Override
    public int machine() {
        return 183;
    }

    @Override
    public int pageSize() {
        return 0x10000;
    }

    @Override
    public void failures(int statusFd) {
        protocolFailure = out.size();
        move(0, -PlanCompiler.EPROTO);
        failure = out.size();
        int label = out.size();
        emit(0x94000000); // bl report
        exit(PlanCompiler.FAILED);
        land(label);
        report = out.size();
        emit(0xaa0003f4); // mov x20, x0
        emit(0xb90003f3); // str w19, [sp]
        emit(0x4b0003e1); // neg w1, w0
        emit(0xb90007e1); // str w1, [sp, #4]
        move(0, statusFd);
        emit(0x910003e1); // mov x1, sp
        move(2, 8);
        move(NUMBER, Sys.WRITE.number(Arch.AARCH64));
        emit(SVC);
        emit(0xaa1403e0); // mov x0, x20
        emit(0xd65f03c0); // ret
    }

    @Override
    public void enter(int size) {
        if (size < 4096) {
            emit(0xd10003ff | size << 10); // sub sp, sp, #size
        } else {
            move(SCRATCH, size);
            emit(0xcb3063ff); // sub sp, sp, x16
        }
        emit(0xf90003ff); // str xzr, [sp]: the lowest word that is ever used
    }

    @Override
    public void number(int index, long value) {
        move(index, value);
    }

    @Override
    public void constant(int index, int offset) {
        out.mark();
        emit(0xd2800000 | (offset & 0xffff) << 5 | index); // movz
        emit(0xf2a00000 | offset >>> 16 << 5 | index); // movk, lsl #16
    }

    @Override
    public void frameAddress(int index, int offset) {
        if (offset < 4096) {
            emit(0x910003e0 | offset << 10 | index); // add x, sp, #offset
        } else {
            move(SCRATCH, offset);
            emit(0x8b3063e0 | index); // add x, sp, x16
        }
    }

    @Override
    public void frameWord(int index, int offset) {
        frame(0xf94003e0, 0xf8706be0, index, offset); // ldr
    }

    @Override
    public void zero(int frame, int words) {
        frameAddress(9, frame);
        move(10, words);
        emit(0xf800853f); // str xzr, [x9], #8
        emit(0xf100054a); // subs x10, x10, #1
        emit(0x54ffffc1); // b.ne to the str
    }

    @Override
    public void copy(int frame, int constant, int words) {
        frameAddress(9, frame);
        move(10, words);
        constant(11, constant);
        emit(0xf840856c); // ldr x12, [x11], #8
        emit(0xf800852c); // str x12, [x9], #8
        emit(0xf100054a); // subs x10, x10, #1
        emit(0x54ffffa1); // b.ne to the ldr
    }

    @Override
    public void call(int step, int number) {
        move(STEP, step);
        move(NUMBER, number);
        emit(SVC);
    }

    @Override
    public int branchIfAbsent(int frame) {
        frameWord(0, frame);
        emit(0xf100001f); // cmp x0, #0
        return label(0x54000004); // b.mi
    }

    @Override
    public int branchUnlessError() {
        compareErrno(PlanCompiler.MAX_ERRNO);
        return label(0x54000003); // b.lo
    }

    @Override
    public int branchIfErrno(int errno) {
        compareErrno(errno);
        return label(0x54000000); // b.eq
    }

    @Override
    public int branch() {
        return label(0x14000000); // b
    }

    @Override
    public int branchIfResult(int value) {
        emit(0xf100001f | value << 10); // cmp x0, #value
        return label(0x54000000); // b.eq
    }

    @Override
    public int branchIfWord(int frame) {
        frameWord(9, frame);
        emit(0xeb09001f); // cmp x0, x9
        return label(0x54000000); // b.eq
    }

    @Override
    public void branchBack(int position) {
        back(0x14000000, position); // b
    }

    @Override
    public void field(int frame, int first, int width) {
        frameWord(0, frame);
        emit(0xd3400000 | first << 16 | first + width - 1 << 10); // ubfx x0, x0, #first, #width
    }

    @Override
    public void set(long value) {
        move(0, value);
    }

    @Override
    public void load(int frame) {
        frameWord(0, frame);
    }

    @Override
    public void address(int frame) {
        frameAddress(0, frame);
    }

    @Override
    public void addNumber(long value) {
        move(SCRATCH, value);
        emit(0x8b100000); // add x0, x0, x16
    }

    @Override
    public void add(int frame) {
        frameWord(9, frame);
        emit(0x8b090000); // add x0, x0, x9
    }

    @Override
    public void negate() {
        emit(0xcb0003e0); // neg x0, x0
    }

    @Override
    public int branchIfLess(long value) {
        move(SCRATCH, value);
        emit(0xeb10001f); // cmp x0, x16
        return label(0x5400000b); // b.lt
    }

    @Override
    public void exitWithResult(int added) {
        emit(0x91000000 | added << 10); // add x0, x0, #added
        move(NUMBER, Sys.EXIT_GROUP.number(Arch.AARCH64));
        emit(SVC);
        emit(0xd4200000); // brk #0
    }

    @Override
    public void land(int label) {
        int words = (out.size() - label) >> 2;
        int instruction = out.int32(label);
        if (instruction >>> 24 != 0x54) {
            out.setInt32(label, instruction | words); // 26 bits reach beyond the largest image
            return;
        }
        if (words >= 1 << 18) {
            throw new IllegalArgumentException("a step is too long for a conditional branch");
        }
        out.setInt32(label, instruction | words << 5);
    }

    @Override
    public void failIfError() {
        compareErrno(PlanCompiler.MAX_ERRNO);
        emit(0x54000043); // b.lo over the next
        back(0x14000000, failure);
    }

    @Override
    public void failUnlessErrno(int errno) {
        compareErrno(errno);
        emit(0x54000040); // b.eq over the next
        back(0x14000000, failure);
    }

    @Override
    public void failUnlessResult(long value) {
        if (value >>> 12 == 0) {
            emit(0xf100001f | (int) value << 10); // cmp x0, #value
        } else {
            move(SCRATCH, value);
            emit(0xeb10001f); // cmp x0, x16
        }
        emit(0x54000040); // b.eq over the next
        back(0x14000000, protocolFailure);
    }

    @Override
    public void expect(int step, int frame, long mask, long value) {
        move(STEP, step);
        frameWord(0, frame);
        if (mask != -1) {
            move(SCRATCH, mask);
            emit(0x8a100000); // and x0, x0, x16
        }
        failUnlessResult(value);
    }

    @Override
    public void note(int step) {
        move(STEP, Integer.toUnsignedLong(step | PlanCompiler.NOTED));
        back(0x94000000, report); // bl
    }

    @Override
    public void store(int frame) {
        frame(0xf90003e0, 0xf8306be0, 0, frame); // str
    }

    @Override
    public void exit() {
        exit(0);
    }

    @Override
    public void relocate(int base) {
        for (int i = 0; i < out.markCount(); i++) {
            int at = out.markAt(i);
            int low = out.int32(at);
            int high = out.int32(at + 4);
            int address = Math.addExact((low >>> 5 & 0xffff) | (high >>> 5 & 0xffff) << 16, base);
            out.setInt32(at, low & 0xffe0001f | (address & 0xffff) << 5);
            out.setInt32(at + 4, high & 0xffe0001f | address >>> 16 << 5);
        }
    }

    private void emit(int instruction) {
        out.put32(instruction);
    }

    private int label(int instruction) {
        emit(instruction);
        return out.size() - 4;
    }

    private void back(int instruction, int target) {
        emit(instruction | (target - out.size()) >> 2 & 0x3ffffff);
    }

    private void exit(int status) {
        move(0, status);
        move(NUMBER, Sys.EXIT_GROUP.number(Arch.AARCH64));
        emit(SVC);
        emit(0xd4200000); // brk #0
    }

    private void compareErrno(int errno) {
        emit(0xb100001f | errno << 10); // cmn x0, #errno
    }

    private void frame(int near, int far, int register, int offset) {
        if ((offset & 7) == 0 && offset < 32768) {
            emit(near | offset >> 3 << 10 | register);
        } else {
            move(SCRATCH, offset);
            emit(far | register);
        }
    }

    /// The shortest of `movz` and `movn`, followed by a `movk` for each further 16 bits.
    private void move(int register, long value) {
        int zeros = 0;
        int ones = 0;
        for (int shift = 0; shift < 64; shift += 16) {
            int part = (int) (value >>> shift) & 0xffff;
            zeros += part == 0 ? 1 : 0;
            ones += part == 0xffff ? 1 : 0;
        }
        int filler = ones > zeros ? 0xffff : 0;
        boolean first = true;
        for (int i = 0; i < 4; i++) {
            int part = (int) (value >>> (i * 16)) & 0xffff;
            if (part != filler) {
                int opcode = !first ? 0xf2800000 : filler == 0 ? 0xd2800000 : 0x92800000;
                emit(opcode | i << 21 | (first ? part ^ filler : part) << 5 | register);
                first = false;
            }
        }
        if (first) {
            emit((filler == 0 ? 0xd2800000 : 0x92800000) | register); // 0 or -1
        }
    }
}
