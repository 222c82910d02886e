// SPDX-License-Identifier: Apache-2.0
package org.dolium.elf;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.LaunchPlan;
import org.dolium.plan.Step;

/// A plan performed by the JVM itself, call by call, with what the child would have reported.
///
/// Only for plans that leave the JVM as it is; what they open is closed afterwards.
final class Performed {
    private static final int EPROTO = 71;

    private final LaunchPlan plan;
    private final long[] values;
    private final Map<Integer, byte[]> buffers = new HashMap<>();
    private final List<String> reports = new ArrayList<>();
    private final List<Long> opened = new ArrayList<>();

    private Performed(LaunchPlan plan) {
        this.plan = plan;
        this.values = new long[plan.steps().size()];
    }

    /// Performs the steps until one fails.
    ///
    /// @return the reports as `step errno`, noted ones in parentheses
    static List<String> reports(LaunchPlan plan) {
        Performed performed = new Performed(plan);
        try {
            for (int i = 0; i < plan.steps().size() && performed.step(i); i++) {}
        } finally {
            performed.opened.forEach(fd -> Kernel.call(Sys.CLOSE, fd));
        }
        return performed.reports;
    }

    private boolean step(int index) {
        int errno = 0;
        if (plan.steps().get(index) instanceof Step.Call call) {
            errno = call(index, call);
        } else if (plan.steps().get(index) instanceof Step.Expect expect && values[expect.step()] >= 0) {
            errno = holds(expect) ? 0 : EPROTO;
        }
        if (errno != 0) {
            reports.add(index + " " + new Errno(errno));
        }
        return errno == 0;
    }

    /// Makes a call and gives the errno that ends the plan, or 0.
    private int call(int index, Step.Call step) {
        List<Arg> arguments = new ArrayList<>();
        for (Arg arg : step.call().args()) {
            if (arg instanceof Arg.Result result && values[result.step()] < 0) {
                values[index] = values[result.step()];
                return 0;
            }
            arguments.add(arg instanceof Arg.Result result ? Arg.num(values[result.step()]) : arg);
        }
        values[index] = make(index, new Syscall(step.call().sys(), arguments));
        if (values[index] >= 0) {
            return step.expected() == Step.Call.ANY || step.expected() == values[index] ? 0 : EPROTO;
        }
        Errno errno = Kernel.errno(values[index]);
        if (!step.tolerated().contains(errno)) {
            return errno.value();
        }
        if (step.noted()) {
            reports.add("(" + index + " " + errno + ")");
        }
        return 0;
    }

    private long make(int index, Syscall call) {
        long result = call.args().stream().anyMatch(arg -> arg instanceof Arg.Buffer)
                ? makeWithBuffer(index, call)
                : makePlain(call);
        boolean opens = call.sys() == Sys.OPENAT || call.sys() == Sys.FCNTL;
        if (opens && result >= 0) {
            opened.add(result);
        } else if (call.sys() == Sys.CLOSE) {
            opened.remove(((Arg.Num) call.args().get(0)).value());
        }
        return result;
    }

    private static long makePlain(Syscall call) {
        try {
            return Kernel.perform(call);
        } catch (ErrnoException e) {
            return -e.errno().value();
        }
    }

    /// What the kernel writes to a buffer is needed afterwards, and [Kernel#perform] does not give it out.
    private long makeWithBuffer(int index, Syscall call) {
        try (Arena arena = Arena.ofConfined()) {
            long[] words = new long[6];
            MemorySegment area = MemorySegment.NULL;
            for (int i = 0; i < call.args().size(); i++) {
                Arg arg = call.args().get(i);
                if (arg instanceof Arg.Num num) {
                    words[i] = num.value();
                    continue;
                }
                byte[] bytes = arg instanceof Arg.Buffer buffer
                        ? java.util.Arrays.copyOf(buffer.initial(), buffer.size())
                        : ((Arg.Bytes) arg).value();
                MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
                area = arg instanceof Arg.Buffer ? memory : area;
                words[i] = memory.address();
            }
            long result = Kernel.call(call.sys(), words[0], words[1], words[2], words[3], words[4], words[5]);
            buffers.put(index, area.toArray(ValueLayout.JAVA_BYTE));
            return result;
        }
    }

    private boolean holds(Step.Expect expect) {
        byte[] content = buffers.getOrDefault(expect.step(), new byte[0]);
        long word = 0;
        for (int i = 7; i >= 0; i--) {
            word = word << 8 | content[expect.offset() + i] & 0xff;
        }
        return (word & expect.mask()) == expect.value();
    }
}
