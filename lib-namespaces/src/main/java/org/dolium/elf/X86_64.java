// SPDX-License-Identifier: Apache-2.0
package org.dolium.elf;

import org.dolium.linux.Arch;
import org.dolium.linux.Sys;

/// The x86-64 back end. The result is in `rax` and the step in `ebx`; `r12` keeps a result across a report.
final class X86_64 implements Assembler {
    private static final int RAX = 0;
    private static final int RCX = 1;
    private static final int RDX = 2;
    private static final int RBX = 3;
    private static final int RSI = 6;
    private static final int RDI = 7;
    private static final int LOAD = 0x8b;
    private static final int STORE = 0x89;
    private static final int COMPARE = 0x3b;
    private static final int ADD = 0x03;
    private static final int LEA = 0x8d;
    private static final int[] ARGUMENTS = {RDI, RSI, RDX, 10, 8, 9};

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
        return 62;
    }

    @Override
    public int pageSize() {
        return 0x1000;
    }

    @Override
    public void failures(int statusFd) {
        protocolFailure = out.size();
        move(RAX, -PlanCompiler.EPROTO);
        failure = out.size();
        out.put(0xe8, 1); // call report
        int label = label();
        exit(PlanCompiler.FAILED);
        land(label);
        report = out.size();
        out.put(0xc48949, 3); // mov r12, rax
        out.put32(0x08245c89); // mov [rsp + 8], ebx; the return address is at [rsp]
        out.put(0xd8f7, 2); // neg eax
        out.put32(0x0c244489); // mov [rsp + 12], eax
        move(RDI, statusFd);
        frame(LEA, RSI, 8);
        move(RDX, 8);
        move(RAX, Sys.WRITE.number(Arch.X86_64));
        out.put(0x050f, 2); // syscall
        out.put(0xe0894c, 3); // mov rax, r12
        out.put(0xc3, 1); // ret
    }

    @Override
    public void enter(int size) {
        out.put(0xec8148, 3); // sub rsp, size
        out.put32(size);
        out.put(0x5850, 2); // push rax; pop rax: the lowest word that is ever used
    }

    @Override
    public void number(int index, long value) {
        move(ARGUMENTS[index], value);
    }

    @Override
    public void constant(int index, int offset) {
        address(ARGUMENTS[index], offset);
    }

    @Override
    public void frameAddress(int index, int offset) {
        frame(LEA, ARGUMENTS[index], offset);
    }

    @Override
    public void frameWord(int index, int offset) {
        frame(LOAD, ARGUMENTS[index], offset);
    }

    @Override
    public void zero(int frame, int words) {
        frame(LEA, RDI, frame);
        move(RCX, words);
        move(RAX, 0);
        out.put(0xab48f3, 3); // rep stosq
    }

    @Override
    public void copy(int frame, int constant, int words) {
        frame(LEA, RDI, frame);
        address(RSI, constant);
        move(RCX, words);
        out.put(0xa548f3, 3); // rep movsq
    }

    @Override
    public void call(int step, int number) {
        move(RBX, step);
        move(RAX, number);
        out.put(0x050f, 2); // syscall
    }

    @Override
    public int branchIfAbsent(int frame) {
        frame(LOAD, RAX, frame);
        out.put(0xc08548, 3); // test rax, rax
        out.put(0x880f, 2); // js
        return label();
    }

    @Override
    public int branchUnlessError() {
        compare(-PlanCompiler.MAX_ERRNO);
        out.put(0x820f, 2); // jb
        return label();
    }

    @Override
    public int branchIfErrno(int errno) {
        compare(-errno);
        out.put(0x840f, 2); // je
        return label();
    }

    @Override
    public int branch() {
        out.put(0xe9, 1); // jmp
        return label();
    }

    @Override
    public int branchIfResult(int value) {
        compare(value);
        out.put(0x840f, 2); // je
        return label();
    }

    @Override
    public int branchIfWord(int frame) {
        frame(COMPARE, RAX, frame);
        out.put(0x840f, 2); // je
        return label();
    }

    @Override
    public void branchBack(int position) {
        out.put(0xe9, 1); // jmp
        back(position);
    }

    @Override
    public void field(int frame, int first, int width) {
        frame(LOAD, RAX, frame);
        if (first > 0) {
            out.put32(first << 24 | 0xe8c148); // shr rax, first
        }
        move(RCX, (1L << width) - 1);
        out.put(0xc82148, 3); // and rax, rcx
    }

    @Override
    public void set(long value) {
        move(RAX, value);
    }

    @Override
    public void load(int frame) {
        frame(LOAD, RAX, frame);
    }

    @Override
    public void address(int frame) {
        frame(LEA, RAX, frame);
    }

    @Override
    public void addNumber(long value) {
        move(RCX, value);
        out.put(0xc80148, 3); // add rax, rcx
    }

    @Override
    public void add(int frame) {
        frame(ADD, RAX, frame);
    }

    @Override
    public void negate() {
        out.put(0xd8f748, 3); // neg rax
    }

    @Override
    public int branchIfLess(long value) {
        compare(value);
        out.put(0x8c0f, 2); // jl
        return label();
    }

    @Override
    public void exitWithResult(int added) {
        out.put(0xb88d48, 3); // lea rdi, [rax + added]
        out.put32(added);
        move(RAX, Sys.EXIT_GROUP.number(Arch.X86_64));
        out.put32(0x0b0f050f); // syscall; ud2
    }

    @Override
    public void land(int label) {
        out.setInt32(label, out.size() - label - 4);
    }

    @Override
    public void failIfError() {
        compare(-PlanCompiler.MAX_ERRNO);
        out.put(0x830f, 2); // jae
        back(failure);
    }

    @Override
    public void failUnlessErrno(int errno) {
        compare(-errno);
        out.put(0x850f, 2); // jne
        back(failure);
    }

    @Override
    public void failUnlessResult(long value) {
        compare(value);
        out.put(0x850f, 2); // jne
        back(protocolFailure);
    }

    @Override
    public void expect(int step, int frame, long mask, long value) {
        move(RBX, step);
        frame(LOAD, RAX, frame);
        if (mask != -1) {
            move(RCX, mask);
            out.put(0xc82148, 3); // and rax, rcx
        }
        failUnlessResult(value);
    }

    @Override
    public void note(int step) {
        move(RBX, step | PlanCompiler.NOTED);
        out.put(0xe8, 1); // call
        back(report);
    }

    @Override
    public void store(int frame) {
        frame(STORE, RAX, frame);
    }

    @Override
    public void exit() {
        exit(0);
    }

    @Override
    public void relocate(int base) {
        out.relocate(base);
    }

    private void exit(int status) {
        move(RDI, status);
        move(RAX, Sys.EXIT_GROUP.number(Arch.X86_64));
        out.put32(0x0b0f050f); // syscall; ud2
    }

    private int label() {
        int at = out.size();
        out.put32(0);
        return at;
    }

    private void back(int target) {
        out.put32(target - out.size() - 4);
    }

    /// The shortest `mov` of `value`; flags are lost.
    private void move(int register, long value) {
        int high = register >> 3;
        int low = register & 7;
        if (value == 0) {
            prefix(high * 0x45);
            out.put(0xc031 | low << 11 | low << 8, 2); // xor r32, r32
        } else if (value >>> 32 == 0) {
            prefix(high * 0x41);
            out.put(0xb8 | low, 1); // mov r32, imm32
            out.put32((int) value);
        } else if (value == (int) value) {
            out.put(0xc0c748 | high | low << 16, 3); // mov r64, simm32
            out.put32((int) value);
        } else {
            out.put(0xb848 | high | low << 8, 2); // mov r64, imm64
            out.put(value, 8);
        }
    }

    private void address(int register, int offset) {
        prefix((register >> 3) * 0x41);
        out.put(0xb8 | register & 7, 1); // mov r32, imm32
        out.mark();
        out.put32(offset);
    }

    private void prefix(int rex) {
        if (rex != 0) {
            out.put(rex, 1);
        }
    }

    /// Emits `opcode` between a register and `[rsp + offset]`.
    private void frame(int opcode, int register, int offset) {
        boolean near = offset < 128;
        out.put(0x48 | register >> 3 << 2, 1);
        out.put(opcode, 1);
        out.put((near ? 0x2444 : 0x2484) | (register & 7) << 3, 2);
        out.put(offset, near ? 1 : 4);
    }

    private void compare(long value) {
        if (value == (int) value) {
            out.put(0x3d48, 2); // cmp rax, simm32
            out.put32((int) value);
        } else {
            move(RCX, value);
            out.put(0xc83948, 3); // cmp rax, rcx
        }
    }
}
