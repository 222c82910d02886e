// SPDX-License-Identifier: Apache-2.0
package org.dolium.plan;

import java.util.ArrayList;
import java.util.List;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.jspecify.annotations.Nullable;

/// Collects the steps of a [LaunchPlan] in order.
public final class PlanBuilder {
    private final List<Step> steps = new ArrayList<>();

    /// Appends a call that must succeed.
    ///
    /// @return its result, for use as an argument of later calls
    public Arg.Result add(Sys sys, Arg... args) {
        return append(new Step.Call(Syscall.of(sys, args)));
    }

    /// Appends a call that must succeed.
    public Arg.Result add(Syscall call) {
        return append(new Step.Call(call));
    }

    /// Appends a call whose failure with one of `tolerated` makes its result absent.
    public Arg.Result addTolerant(Syscall call, Errno... tolerated) {
        return append(new Step.Call(call, List.of(tolerated), Step.Call.ANY, false));
    }

    /// Appends a call whose failure with one of `tolerated` is reported to the JVM, and the plan goes on.
    public Arg.Result addNoted(Syscall call, Errno... tolerated) {
        return append(new Step.Call(call, List.of(tolerated), Step.Call.ANY, true));
    }

    /// Appends a call that must return exactly `expected`, or fail with one of `tolerated`.
    public Arg.Result addExact(Syscall call, long expected, Errno... tolerated) {
        return append(new Step.Call(call, List.of(tolerated), expected, false));
    }

    /// Appends an assertion about a buffer that the call of `result` filled; see [Step.Expect].
    public void expect(Arg.Result result, int argument, int offset, long mask, long value, String text) {
        append(new Step.Expect(result.step(), argument, offset, mask, value, text));
    }

    /// Appends that the rest is done by a new process; see [Step.Fork].
    public void fork() {
        append(Step.Fork.here());
    }

    /// The same by a process in another cgroup, whose directory is the descriptor with that number.
    public void forkInto(int directory) {
        append(Step.Fork.into(directory));
    }

    /// Appends that this process becomes an init, and the rest is done by its child; see [Step.Init].
    public void init(Arg.@Nullable Filter filter) {
        append(new Step.Init(filter));
    }

    /// Appends that this process becomes a monitor, and the rest is done by its child; see [Step.Monitor].
    public void monitor(Step.Monitor monitor) {
        append(monitor);
    }

    /// Appends that later calls carry a secret number; see [Step.Pass].
    public void pass(long word) {
        append(new Step.Pass(word));
    }

    private Arg.Result append(Step step) {
        steps.add(step);
        return new Arg.Result(steps.size() - 1);
    }

    public LaunchPlan build(int statusFd) {
        return build(statusFd, false);
    }

    public LaunchPlan build(int statusFd, boolean asksAgain) {
        return new LaunchPlan(steps, statusFd, asksAgain);
    }

    /// A plan whose child asks before its command, and waits before that only if `waitsFirst`.
    public LaunchPlan buildAsking(int statusFd, boolean waitsFirst) {
        return new LaunchPlan(steps, statusFd, true, waitsFirst);
    }
}
