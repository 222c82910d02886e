// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.dolium.kernel.Fd;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.PlanBuilder;
import org.dolium.process.LaunchException;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.Slow;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// What is known of a child, and who waits for it.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
@Timeout(120)
class LaunchedProcessTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int STATUS = LaunchRequest.STATUS_FD;

    private static PlanBuilder started() {
        PlanBuilder plan = new PlanBuilder();
        plan.addExact(Syscall.of(Sys.READ, Arg.num(STATUS), new Arg.Buffer(8, new byte[0], "[go]"), Arg.num(1)), 1);
        return plan;
    }

    private static LaunchRequest request(Program program, Fd nothing) {
        return new LaunchRequest(program, 0, List.of(nothing, nothing, nothing), List.of(), null, 40);
    }

    /// The kernel may say that nothing more comes just when the last message came: recvmsg(2) looks whether there is one, and only then
    /// whether the other end is closed. An empty message looks the same to who receives it, and comes whenever one wants.
    @Test
    void a_failure_is_not_lost_behind_an_end_that_was_told_too_early() throws Exception {
        PlanBuilder plan = started();
        plan.addExact(Syscall.of(
                Sys.SENDTO, Arg.num(STATUS), Arg.str(new byte[0]), Arg.num(0), Arg.num(0), Arg.num(0), Arg.num(0)), 0);
        plan.add(Sys.CHDIR, Arg.str("/no-such-directory"));
        plan.add(Sys.EXIT_GROUP, Arg.num(0));
        try (Fd nothing = Fd.open("/dev/null", 2, 0);
                Program program = Program.compile(plan.build(STATUS))) {
            for (int i = 0; i < 50; i++) {
                LaunchedProcess watched = Launcher.launch(request(program, nothing));
                assertThatExceptionOfType(LaunchException.class).isThrownBy(() -> watched.awaitStarted(LIMIT))
                        .withMessageContaining("chdir(\"/no-such-directory\") = -1 ENOENT");
                LaunchedProcess waited = Launcher.launchHere(request(program, nothing));
                awaitHere(waited);
                assertThatExceptionOfType(LaunchException.class).isThrownBy(waited::checkStarted);
            }
        }
    }

    private static void awaitHere(LaunchedProcess process) throws Exception {
        try (DirectWait wait = new DirectWait(process, null, null)) {
            while (!process.ended() && wait.step(TimeUnit.SECONDS.toNanos(10))) {
                // goes on
            }
        }
        process.exit().get(30, TimeUnit.SECONDS);
    }

    @Test
    void an_end_that_two_threads_see_is_waited_for_once() throws Exception {
        PlanBuilder plan = started();
        plan.add(Sys.EXIT_GROUP, Arg.num(7));
        int times = Slow.repeats(2000);
        try (Fd nothing = Fd.open("/dev/null", 2, 0);
                Program program = Program.compile(plan.build(STATUS))) {
            for (int i = 0; i < times; i++) {
                LaunchedProcess process = Launcher.launchHere(request(program, nothing));
                CountDownLatch begun = new CountDownLatch(1);
                Thread other = Thread.startVirtualThread(() -> {
                    begun.countDown();
                    process.watchEnd();
                });
                begun.await();
                awaitHere(process);
                other.join();
                assertThat(process.exit().join()).isEqualTo(new Exit(7, false, false, process.exit().join().cpuNanos()));
            }
        }
    }
}
