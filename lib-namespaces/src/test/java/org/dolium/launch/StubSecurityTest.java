// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dolium.kernel.Fd;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.PlanBuilder;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Rows L of the security matrix that concern the child while it is in the JVM's memory.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class StubSecurityTest {
    private static final int O_PATH = 0x200000;

    @TempDir
    Path directory;

    /// A plan that waits for a message or the end of its JVM, and then ends well.
    private static Program waiting() {
        PlanBuilder plan = new PlanBuilder();
        plan.add(Syscall.of(Sys.READ, Arg.num(3), new Arg.Buffer(8, new byte[0], "[go]"), Arg.num(1)));
        plan.add(Sys.EXIT_GROUP, Arg.num(0));
        return Program.compile(plan.build(3));
    }

    private static LaunchRequest request(Fd stdio) {
        return new LaunchRequest(waiting(), 0, List.of(stdio, stdio, stdio), List.of(), null, 40);
    }

    /// Makes a child from `program`, reaps it, and gives the result of the call that failed, 0 if none did.
    private static long result(Fd program) throws IOException {
        Fd[] status = Fd.socketPair();
        try (Fd nothing = Fd.open("/dev/null", 2, 0);
                Fd ours = status[0];
                Fd theirs = status[1]) {
            CloneJob job = new CloneJob(request(nothing), program, theirs);
            CloneThread.shared().run(job);
            job.close();
            Fd pidfd = java.util.Objects.requireNonNull(job.pidfd);
            new LaunchedProcess(waiting().plan(), (int) job.pid, pidfd, ours, null, null).abandon();
            return job.failedCall == null ? 0 : job.failedResult;
        }
    }

    @Test
    void L_02_every_failure_of_the_exec_is_told_and_nothing_runs_on_in_the_jvm() throws Exception {
        Path garbage = Files.writeString(directory.resolve("garbage"), "\0garbage");
        assertThat(garbage.toFile().setExecutable(true)).isTrue();
        Path plain = Files.writeString(directory.resolve("plain"), "");
        int threads = Thread.getAllStackTraces().size();
        try (Fd noProgram = Fd.open(garbage.toString(), O_PATH, 0);
                Fd notExecutable = Fd.open(plain.toString(), O_PATH, 0);
                Fd aDirectory = Fd.open(directory.toString(), O_PATH, 0);
                Program waiting = waiting()) {
            Fd good = waiting.file();
            for (int i = 0; i < 2500; i++) {
                assertThat(result(noProgram)).isEqualTo(-Errno.ENOEXEC.value());
                assertThat(result(notExecutable)).isEqualTo(-Errno.EACCES.value());
                assertThat(result(aDirectory)).isEqualTo(-Errno.EACCES.value());
                assertThat(result(new Fd(9999))).isEqualTo(-Errno.EBADF.value());
            }
            assertThat(result(good)).isZero(); // the negative control: a good program does not fail
        }
        assertThat(Thread.getAllStackTraces().size()).isLessThan(threads + 1000);
    }

    /// Whether a child lives on for a while after the thread that made it.
    private static boolean outlivesItsThread(boolean ownThread) throws Exception {
        Fd[] status = Fd.socketPair();
        try (Fd nothing = Fd.open("/dev/null", 2, 0);
                Fd ours = status[0];
                Fd theirs = status[1];
                Program waiting = waiting()) {
            Fd program = waiting.file();
            CloneJob[] job = new CloneJob[1];
            Thread thread = Thread.ofPlatform().start(() -> {
                job[0] = job(request(nothing), program, theirs);
                if (ownThread) {
                    CloneThread.shared().run(job[0]);
                } else {
                    new CloneThread().serve(job[0]);
                }
            });
            thread.join();
            Fd pidfd = java.util.Objects.requireNonNull(job[0].pidfd);
            LaunchedProcess process = new LaunchedProcess(waiting().plan(), (int) job[0].pid, pidfd, ours, null, null);
            boolean ended = Poller.shared().await(pidfd, Poller.IN, java.time.Duration.ofMillis(500));
            process.abandon();
            job[0].close();
            return !ended;
        }
    }

    private static CloneJob job(LaunchRequest request, Fd program, Fd status) {
        try {
            return new CloneJob(request, program, status);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void L_16_a_child_outlives_the_thread_that_asked_for_it() throws Exception {
        assertThat(outlivesItsThread(true)).isTrue();
    }

    @Test
    void L_16_without_the_control_a_child_dies_with_its_thread() throws Exception {
        assertThat(outlivesItsThread(false)).isFalse();
    }

    @Test
    void a_plan_that_ends_well_without_a_command_is_no_failure() throws Exception {
        try (Fd nothing = Fd.open("/dev/null", 2, 0)) {
            LaunchedProcess process = Launcher.launch(request(nothing));
            process.awaitEnd();
            assertThat(process.exit().join().status()).isZero();
        }
    }
}
