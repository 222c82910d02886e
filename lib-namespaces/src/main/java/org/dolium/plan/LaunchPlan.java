// SPDX-License-Identifier: Apache-2.0
package org.dolium.plan;

import java.util.List;

/// The ordered steps that a child performs between its birth and the user's command. Immutable and printable.
///
/// @param steps the steps, numbered from 0
/// @param statusFd the file descriptor on which the child reports a failure
/// @param asksAgain whether the child tells the JVM something before its command, and waits for an answer
public record LaunchPlan(List<Step> steps, int statusFd, boolean asksAgain) {
    public LaunchPlan {
        steps = List.copyOf(steps);
    }

    /// A plan whose child does not ask again.
    public LaunchPlan(List<Step> steps, int statusFd) {
        this(steps, statusFd, false);
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
