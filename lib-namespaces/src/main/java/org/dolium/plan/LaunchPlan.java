// SPDX-License-Identifier: Apache-2.0
package org.dolium.plan;

import java.util.List;

/// The ordered steps that a child performs between its birth and the user's command. Immutable and printable.
///
/// @param steps the steps, numbered from 0
/// @param statusFd the file descriptor on which the child reports a failure
/// @param asksAgain whether the child tells the JVM something before its command, and waits for an answer
/// @param waitsFirst whether the child waits for a go-ahead before it tells anything
public record LaunchPlan(List<Step> steps, int statusFd, boolean asksAgain, boolean waitsFirst) {
    public LaunchPlan {
        steps = List.copyOf(steps);
    }

    /// A plan whose child does not ask again.
    public LaunchPlan(List<Step> steps, int statusFd) {
        this(steps, statusFd, false);
    }

    /// A plan whose child waits first.
    public LaunchPlan(List<Step> steps, int statusFd, boolean asksAgain) {
        this(steps, statusFd, asksAgain, true);
    }

    /// The same with other steps.
    public LaunchPlan with(List<Step> others) {
        return new LaunchPlan(others, statusFd, asksAgain, waitsFirst);
    }

    /// The plan as strace would print it, one step a line.
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < steps.size(); i++) {
            out.append('$').append(i).append(" = ").append(steps.get(i)).append('\n');
        }
        return out.toString();
    }
}
