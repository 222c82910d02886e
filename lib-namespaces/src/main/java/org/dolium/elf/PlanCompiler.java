// SPDX-License-Identifier: Apache-2.0
package org.dolium.elf;

import java.util.Arrays;
import java.util.List;
import org.dolium.linux.Arch;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.Syscall;
import org.dolium.plan.LaunchPlan;
import org.dolium.plan.Step;

/// Turns the steps of one plan into code and constants; the same for every architecture.
final class PlanCompiler {
    static final int EPROTO = 71;
    static final int MAX_ERRNO = 4095;
    /// The exit status of a plan that failed.
    static final int FAILED = 127;
    /// Set in the step number of a record that reports a tolerated failure.
    static final int NOTED = 0x8000_0000;

    /// Set besides in the step number of a record that reports the pid of a new process.
    static final int FORKED = 0x4000_0000;

    private static final int MAX_ARGUMENTS = 6;

    private final List<Step> steps;
    private final Arch arch;
    private final Assembler asm;
    private final Constants constants = new Constants();
    private final Frame frame;

    /// The branches of the current step to the point where its result is stored.
    private int[] labels = new int[16];

    private int labelCount;

    /// The sixth argument of calls that have none.
    private long pass;

    PlanCompiler(LaunchPlan plan, Arch arch, Assembler asm) {
        steps = plan.steps();
        this.arch = arch;
        this.asm = asm;
        frame = new Frame(steps);
    }

    Constants constants() {
        return constants;
    }

    /// Emits everything after the failure code.
    void emit() {
        asm.enter(frame.size());
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            if (step instanceof Step.Call call) {
                emitCall(i, call);
            } else if (step instanceof Step.Expect expect) {
                emitExpect(i, expect);
            } else if (step instanceof Step.Pass secret) {
                pass = secret.word();
            } else if (step instanceof Step.Init init) {
                emitInit(i, init);
            } else if (step instanceof Step.Monitor monitor) {
                emitMonitor(i, monitor);
            } else if (step instanceof Step.Fork fork) {
                emitFork(i, fork.call());
            }
        }
        asm.exit();
    }

    private void emitExpect(int index, Step.Expect expect) {
        boolean absentable = frame.absentable(expect.step());
        int label = absentable ? asm.branchIfAbsent(frame.result(expect.step())) : 0;
        int word = frame.buffer(expect.step(), expect.argument()) + expect.offset();
        asm.expect(index, word, expect.mask(), expect.value());
        if (absentable) {
            asm.land(label);
        }
    }

    /// The parent reports the child's pid as if it were a negative errno, and ends.
    private void emitFork(int index, Syscall call) {
        emitArguments(index, call.args());
        asm.call(index, call.sys().number(arch));
        asm.failIfError();
        int child = asm.branchIfErrno(0);
        asm.note(FORKED | index);
        asm.exit();
        asm.land(child);
    }

    private void emitInit(int index, Step.Init init) {
        emitArguments(index, Step.Init.CALL.args());
        asm.call(index, Step.Init.CALL.sys().number(arch));
        asm.failIfError();
        int child = asm.branchIfErrno(0);
        Reaper reaper = new Reaper(asm, arch, constants, index, frame.buffers(index));
        reaper.emit(init.filter());
        asm.land(child);
        reaper.emitChild();
    }

    private void emitMonitor(int index, Step.Monitor monitor) {
        emitArguments(index, monitor.call().args());
        asm.call(index, monitor.call().sys().number(arch));
        asm.failIfError();
        int child = asm.branchIfErrno(0);
        new MonitorProgram(asm, arch, constants, index, frame.buffers(index), monitor).emit();
        asm.land(child);
    }

    private void emitCall(int index, Step.Call call) {
        List<Arg> args = call.call().args();
        labelCount = 0;
        emitSkips(args);
        emitBuffers(index, args);
        emitArguments(index, args);
        asm.call(index, call.call().sys().number(arch));
        emitOutcome(index, call);
        for (int i = 0; i < labelCount; i++) {
            asm.land(labels[i]);
        }
        if (frame.result(index) != 0) {
            asm.store(frame.result(index));
        }
    }

    /// An absent operand becomes the result of this step.
    private void emitSkips(List<Arg> args) {
        for (int i = 0; i < args.size(); i++) {
            if (args.get(i) instanceof Arg.Result result && frame.absentable(result.step())) {
                addLabel(asm.branchIfAbsent(frame.result(result.step())));
            }
        }
    }

    private void emitBuffers(int index, List<Arg> args) {
        int offset = frame.buffers(index);
        for (int i = 0; i < args.size(); i++) {
            if (args.get(i) instanceof Arg.Buffer buffer) {
                emitBuffer(offset, buffer);
                offset += Frame.room(buffer.size());
            }
        }
    }

    private void emitBuffer(int offset, Arg.Buffer buffer) {
        int filled = buffer.initial().length;
        while (filled > 0 && buffer.initial()[filled - 1] == 0) {
            filled--;
        }
        int words = (filled + 7) / 8;
        int all = Frame.room(buffer.size()) / 8;
        if (words > 0) {
            asm.copy(offset, constants.place(Arrays.copyOf(buffer.initial(), words * 8)), words);
        }
        if (words < all) {
            asm.zero(offset + words * 8, all - words);
        }
    }

    private void emitArguments(int index, List<Arg> args) {
        int buffer = frame.buffers(index);
        for (int i = 0; i < args.size(); i++) {
            Arg arg = args.get(i);
            if (arg instanceof Arg.Num num) {
                asm.number(i, num.value());
            } else if (arg instanceof Arg.Bytes bytes) {
                asm.constant(i, constants.place(bytes.value()));
            } else if (arg instanceof Arg.Result result) {
                asm.frameWord(i, frame.result(result.step()));
            } else if (arg instanceof Arg.Strings strings) {
                checkStrings(index, strings.values());
                asm.constant(i, constants.place(strings.values()));
            } else if (arg instanceof Arg.Filter filter) {
                asm.constant(i, constants.placeFilter(filter.program(), filter.length()));
            } else if (arg instanceof Arg.Message message) {
                asm.constant(i, constants.placeMessage(message.data(), message.control()));
            } else if (arg instanceof Arg.Buffer area) {
                asm.frameAddress(i, buffer);
                buffer += Frame.room(area.size());
            }
        }
        for (int i = args.size(); i < MAX_ARGUMENTS; i++) {
            asm.number(i, i == MAX_ARGUMENTS - 1 ? pass : 0);
        }
    }

    private void checkStrings(int index, List<byte[]> strings) {
        for (int i = 0; i < strings.size(); i++) {
            for (byte b : strings.get(i)) {
                if (b == 0) {
                    throw Frame.invalid(index, steps.get(index), "has a NUL byte in string " + i);
                }
            }
        }
    }

    private void emitOutcome(int index, Step.Call call) {
        boolean exact = call.expected() != Step.Call.ANY;
        if (call.tolerated().isEmpty()) {
            asm.failIfError();
            if (exact) {
                asm.failUnlessResult(call.expected());
            }
            return;
        }
        int success = asm.branchUnlessError();
        emitTolerance(index, call);
        if (exact) {
            addLabel(asm.branch());
            asm.land(success);
            asm.failUnlessResult(call.expected());
        } else {
            addLabel(success);
        }
    }

    /// Goes on for the tolerated errnos only.
    private void emitTolerance(int index, Step.Call call) {
        List<Errno> tolerated = call.tolerated();
        int last = tolerated.size() - 1;
        int first = labelCount;
        for (int i = 0; i < last; i++) {
            addLabel(asm.branchIfErrno(tolerated.get(i).value()));
        }
        asm.failUnlessErrno(tolerated.get(last).value());
        if (call.noted()) {
            while (labelCount > first) {
                asm.land(labels[--labelCount]);
            }
            asm.note(index);
        }
    }

    private void addLabel(int label) {
        if (labelCount == labels.length) {
            labels = Arrays.copyOf(labels, labelCount * 2);
        }
        labels[labelCount++] = label;
    }
}
