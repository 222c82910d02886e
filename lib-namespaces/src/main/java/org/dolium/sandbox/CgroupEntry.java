// SPDX-License-Identifier: Apache-2.0
package org.dolium.sandbox;

import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.PlanBuilder;

/// How a process gets into its cgroups where clone3(2) can't put it there: it writes itself into `tasks` files of cgroup
/// v1, or the JVM has it moved while it waits.
///
/// @param firstFd the descriptor of the first `tasks` file
/// @param count how many such files there are
/// @param waits whether the process waits until the JVM has had it moved
public record CgroupEntry(int firstFd, int count, boolean waits) {
    /// Moves the process. A write of "0" moves the writing thread: a move of any other process, from outside, would wait
    /// for an RCU grace period, which takes some milliseconds on an idle machine.
    void lower(PlanBuilder plan) {
        for (int i = 0; i < count; i++) {
            plan.addExact(
                    Syscall.of(Sys.WRITE, Arg.num(firstFd + i), Arg.str("0".getBytes(java.nio.charset.StandardCharsets.US_ASCII)),
                            Arg.num(1)),
                    1);
        }
    }
}
