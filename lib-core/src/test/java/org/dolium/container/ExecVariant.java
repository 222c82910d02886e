// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.dolium.launch.Program;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.LaunchPlan;
import org.dolium.plan.Step;

/// A further command whose plan was changed; see [Variant].
final class ExecVariant {
    private ExecVariant() {}

    /// The same command with every step whose text matches replaced.
    static ExecBuilder of(ExecBuilder builder, String pattern, UnaryOperator<Step> change) throws Exception {
        LaunchPlan plan = builder.plan();
        List<Step> steps = new ArrayList<>();
        int changed = 0;
        for (Step step : plan.steps()) {
            boolean matches = step.toString().matches(pattern);
            changed += matches ? 1 : 0;
            steps.add(matches ? change.apply(step) : step);
        }
        if (changed == 0) {
            throw new AssertionError("no step matches " + pattern + " in:\n" + plan);
        }
        builder.program = Program.compile(plan.with(steps));
        return builder;
    }

    /// Without the steps whose text matches.
    static ExecBuilder without(ExecBuilder builder, String pattern) throws Exception {
        return of(builder, pattern, step -> Variant.NOTHING);
    }

    /// With calls' argument replaced.
    static ExecBuilder withArgument(ExecBuilder builder, String pattern, int index, Arg argument) throws Exception {
        return of(builder, pattern, step -> {
            Step.Call call = (Step.Call) step;
            List<Arg> arguments = new ArrayList<>(call.call().args());
            arguments.set(index, argument);
            return new Step.Call(new Syscall(call.call().sys(), arguments), call.tolerated(), call.expected(), call.noted());
        });
    }

    /// One that pauses for some milliseconds when it is born, before its umask is set.
    static ExecBuilder lingering(ExecBuilder builder, int millis) throws Exception {
        byte[] pause = new byte[16];
        int nanos = millis * 1_000_000;
        for (int i = 0; i < 4; i++) {
            pause[8 + i] = (byte) (nanos >>> 8 * i);
        }
        Syscall call = Syscall.of(
                Sys.PPOLL, Arg.num(0), Arg.num(0), new Arg.Bytes(pause, "{" + millis + " ms}"), Arg.num(0), Arg.num(0));
        Step wait = new Step.Call(call, List.of(Errno.EINTR), Step.Call.ANY, false); // who is traced is interrupted
        return of(builder, "umask\\(.*", step -> wait);
    }
}
