// SPDX-License-Identifier: Apache-2.0
package org.dolium.elf;

import java.util.List;
import org.dolium.linux.Arg;
import org.dolium.plan.Step;

/// Where each step of a plan keeps its result and its buffers on the stack. Making one checks the plan.
final class Frame {
    /// Half of the usual stack limit.
    static final int LIMIT = 4 << 20;

    private static final int RESERVED = 16;

    private final List<Step> steps;
    private final boolean[] absentable;
    private final int[] results;
    private final int[] buffers;
    private int size = RESERVED;

    Frame(List<Step> steps) {
        this.steps = steps;
        absentable = new boolean[steps.size()];
        results = new int[steps.size()];
        buffers = new int[steps.size()];
        for (int i = 0; i < results.length; i++) {
            Step step = steps.get(i);
            if (step instanceof Step.Call call) {
                addCall(i, call);
            } else if (step instanceof Step.Expect expect) {
                addExpect(i, expect);
            }
        }
        size = Math.addExact(size, 15) & ~15;
        for (int i = 0; i < results.length; i++) {
            addBuffers(i);
        }
        if (size > LIMIT) {
            throw new IllegalArgumentException("a plan of " + results.length + " steps needs more than 4 MiB of stack");
        }
    }

    /// The size in bytes, a multiple of 16.
    int size() {
        return size;
    }

    /// Whether the result of `step` can be absent.
    boolean absentable(int step) {
        return absentable[step];
    }

    /// The offset of the result of `step`, or 0 if no later step uses it.
    int result(int step) {
        return results[step];
    }

    /// The offset of the first buffer of `step`; the others follow, each at the next multiple of 16.
    int buffers(int step) {
        return buffers[step];
    }

    /// The room that a buffer of `size` bytes takes.
    static int room(int size) {
        return Math.addExact(size, 15) & ~15;
    }

    /// The offset of the buffer that is argument `argument` of the call `step`.
    int buffer(int step, int argument) {
        List<Arg> args = ((Step.Call) steps.get(step)).call().args();
        int offset = buffers[step];
        for (int i = 0; i < argument; i++) {
            if (args.get(i) instanceof Arg.Buffer buffer) {
                offset += room(buffer.size());
            }
        }
        return offset;
    }

    private void addCall(int index, Step.Call call) {
        absentable[index] = !call.tolerated().isEmpty();
        List<Arg> args = call.call().args();
        for (int i = 0; i < args.size(); i++) {
            if (args.get(i) instanceof Arg.Result result) {
                use(index, result.step());
                absentable[index] |= absentable[result.step()];
            }
        }
        for (int i = 0; i < call.tolerated().size(); i++) {
            int errno = call.tolerated().get(i).value();
            check(errno > 0 && errno <= PlanCompiler.MAX_ERRNO, index, "tolerates an impossible errno");
        }
        check(call.expected() >= Step.Call.ANY, index, "expects a negative result");
    }

    private void addExpect(int index, Step.Expect expect) {
        checkCall(index, expect.step());
        if (absentable[expect.step()]) {
            use(index, expect.step());
        }
        List<Arg> args = ((Step.Call) steps.get(expect.step())).call().args();
        boolean there = expect.argument() >= 0 && expect.argument() < args.size();
        check(there, index, "expects an argument that is not there");
        check(args.get(expect.argument()) instanceof Arg.Buffer, index, "expects an argument that is not a buffer");
        int size = ((Arg.Buffer) args.get(expect.argument())).size();
        check(expect.offset() >= 0 && expect.offset() <= size - 8, index, "expects a word outside of the buffer");
    }

    private void use(int index, int step) {
        checkCall(index, step);
        if (results[step] == 0) {
            results[step] = size;
            size = Math.addExact(size, 8);
        }
    }

    private void addBuffers(int index) {
        buffers[index] = size;
        if (steps.get(index) instanceof Step.Init) {
            size = Math.addExact(size, Reaper.ROOM);
        }
        if (steps.get(index) instanceof Step.Monitor) {
            size = Math.addExact(size, MonitorProgram.ROOM);
        }
        if (!(steps.get(index) instanceof Step.Call call)) {
            return;
        }
        List<Arg> args = call.call().args();
        for (int i = 0; i < args.size(); i++) {
            if (args.get(i) instanceof Arg.Buffer buffer) {
                check(buffer.initial().length <= buffer.size(), index, "has a buffer smaller than its initial bytes");
                check(buffer.size() <= LIMIT - size, index, "needs more than 4 MiB of stack");
                size = Math.addExact(size, room(buffer.size()));
            }
        }
    }

    private void checkCall(int index, int step) {
        check(step >= 0 && step < index, index, "uses the result of a step that is not earlier");
        check(steps.get(step) instanceof Step.Call, index, "uses the result of a step that is no call");
    }

    private void check(boolean valid, int index, String problem) {
        if (!valid) {
            throw invalid(index, steps.get(index), problem);
        }
    }

    static IllegalArgumentException invalid(int index, Step step, String problem) {
        return new IllegalArgumentException("step " + index + " " + problem + ": " + step);
    }
}
