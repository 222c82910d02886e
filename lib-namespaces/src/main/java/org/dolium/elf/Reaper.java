// SPDX-License-Identifier: Apache-2.0
package org.dolium.elf;

import java.nio.charset.StandardCharsets;
import org.dolium.linux.Arch;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.jspecify.annotations.Nullable;

/// The program of an init; see [org.dolium.plan.Step.Init]. It starts with every signal blocked, as the launch has it, and never
/// handles one: it takes them out of the kernel's hands one by one, so none comes too early and none is lost. It uses no
/// memory but the stack, and no descriptors.
///
/// ```
/// chdir("/"), name, filter, close all
/// take: signal = rt_sigtimedwait(all)
///       if it is SIGCHLD: reap, else kill(child, signal) and take
/// reap: pid = wait4(any, status, WNOHANG)
///       if none has ended: take; if it is not the child: reap
/// exit: with the child's status, or 128 + the signal that ended it
/// ```
final class Reaper {
    /// What it needs of the frame.
    static final int ROOM = 32;

    private static final int SIGCHLD = 17;
    private static final int WNOHANG = 1;
    private static final int BY_SIGNAL = 128;
    private static final int PR_SET_NAME = 15;
    private static final int PR_SET_NO_NEW_PRIVS = 38;
    private static final int TIOCSPGRP = 0x5410;
    private static final byte[] EVERY_SIGNAL = {-1, -1, -1, -1, -1, -1, -1, -1};
    private static final byte[] NAME = Arg.terminated("dolium-init".getBytes(StandardCharsets.US_ASCII));
    private static final byte[] ROOT = Arg.terminated("/".getBytes(StandardCharsets.US_ASCII));

    private final Assembler asm;
    private final Arch arch;
    private final Constants constants;
    private final int step;
    private final int child;
    private final int signal;
    private final int status;

    /// @param frame the offset of [#ROOM] bytes
    Reaper(Assembler asm, Arch arch, Constants constants, int step, int frame) {
        this.asm = asm;
        this.arch = arch;
        this.constants = constants;
        this.step = step;
        this.child = frame;
        this.signal = frame + 8;
        this.status = frame + 16;
    }

    /// The init itself. The result is the child's pid.
    void emit(Arg.@Nullable Filter filter) {
        asm.store(child);
        prepare(filter);
        int take = asm.code().size();
        asm.constant(0, constants.place(EVERY_SIGNAL));
        numbers(1, 0, 0, 8);
        call(Sys.RT_SIGTIMEDWAIT);
        int taken = asm.branchUnlessError();
        asm.branchBack(take); // it was stopped and went on; see signal(7)
        asm.land(taken);
        int ended = asm.branchIfResult(SIGCHLD);
        asm.store(signal);
        asm.frameWord(0, child);
        asm.frameWord(1, signal);
        call(Sys.KILL);
        asm.branchBack(take);
        asm.land(ended);
        reap(take);
    }

    private void prepare(Arg.@Nullable Filter filter) {
        asm.constant(0, constants.place(ROOT));
        call(Sys.CHDIR);
        numbers(0, PR_SET_NAME);
        asm.constant(1, constants.place(NAME));
        call(Sys.PRCTL);
        if (filter != null) {
            numbers(0, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            call(Sys.PRCTL);
            asm.failIfError();
            numbers(0, 1, 0);
            asm.constant(2, constants.placeFilter(filter.program(), filter.length()));
            call(Sys.SECCOMP);
            asm.failIfError();
        }
        numbers(0, 0, 0xffffffffL, 0);
        call(Sys.CLOSE_RANGE);
    }

    private void reap(int take) {
        int reap = asm.code().size();
        numbers(0, -1);
        asm.frameAddress(1, status);
        numbers(2, WNOHANG, 0);
        call(Sys.WAIT4);
        int some = asm.branchUnlessError();
        asm.branchBack(take);
        asm.land(some);
        int one = asm.branchIfWord(child);
        int none = asm.branchIfResult(0);
        asm.branchBack(reap);
        asm.land(none);
        asm.branchBack(take);
        asm.land(one);
        asm.field(status, 0, 7);
        int exited = asm.branchIfResult(0);
        asm.exitWithResult(BY_SIGNAL);
        asm.land(exited);
        asm.field(status, 8, 8);
        asm.exitWithResult(0);
    }

    /// What the child does first. The group is brought to the foreground of a terminal if there is one; all signals are blocked,
    /// so the terminal does not stop it for that.
    void emitChild() {
        numbers(0, 0, 0);
        call(Sys.SETPGID);
        asm.failIfError();
        call(Sys.GETPID);
        asm.store(child);
        numbers(0, 0, TIOCSPGRP);
        asm.frameAddress(2, child);
        call(Sys.IOCTL);
    }

    private void numbers(int first, long... values) {
        for (int i = 0; i < values.length; i++) {
            asm.number(first + i, values[i]);
        }
    }

    private void call(Sys sys) {
        asm.call(step, sys.number(arch));
    }
}
