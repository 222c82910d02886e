// SPDX-License-Identifier: Apache-2.0
package org.dolium.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.junit.jupiter.api.Test;

class LaunchPlanTest {
    private final PlanBuilder plan = new PlanBuilder();

    @Test
    void steps_are_numbered_and_feed_each_other() {
        Arg.Result file = plan.add(Sys.OPENAT, Arg.AT_FDCWD, Arg.str("/x"), Arg.flags(0, "O_RDONLY"));
        plan.add(Sys.CLOSE, file);
        assertThat(plan.build(3)).hasToString("""
                $0 = openat(AT_FDCWD, "/x", O_RDONLY)
                $1 = close($0)
                """);
    }

    @Test
    void every_kind_of_step_says_what_it_demands() {
        Arg.Result read = plan.addExact(
                Syscall.of(Sys.READ, Arg.num(3), new Arg.Buffer(8, new byte[0], "[go]"), Arg.num(1)), 1);
        plan.expect(read, 1, 0, 0xff, '/', "starts with /");
        plan.addTolerant(Syscall.of(Sys.MKDIRAT, Arg.AT_FDCWD, Arg.str("/d")), Errno.EEXIST, Errno.EROFS);
        plan.addNoted(Syscall.of(Sys.CLOSE, Arg.num(4)), Errno.EBADF);
        plan.fork();
        assertThat(plan.build(3)).hasToString("""
                $0 = read(3, [go], 1) must be 1
                $1 = expect $0 starts with /
                $2 = mkdirat(AT_FDCWD, "/d") or EEXIST|EROFS
                $3 = close(4) or EBADF
                $4 = clone(CLONE_PARENT|SIGCHLD, NULL, NULL, NULL, 0), and go on in the child
                """);
    }

    @Test
    void an_empty_plan_prints_as_nothing() {
        assertThat(plan.build(3)).hasToString("");
    }

    @Test
    void a_built_plan_does_not_change_any_more() {
        List<Step> steps = new ArrayList<>(List.of(Step.Fork.here()));
        LaunchPlan built = new LaunchPlan(steps, 3);
        steps.clear();
        assertThat(built.steps()).hasSize(1);
        assertThat(built.asksAgain()).isFalse();
    }
}
