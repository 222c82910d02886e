// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.dolium.kernel.Fd;
import org.dolium.launch.Exit;
import org.dolium.launch.IdMapWriter;
import org.dolium.launch.LaunchRequest;
import org.dolium.launch.LaunchedProcess;
import org.dolium.launch.Launcher;
import org.dolium.launch.Program;
import org.dolium.linux.Arg;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.PlanBuilder;
import org.jspecify.annotations.Nullable;

/// A child that performs a few steps in new namespaces and ends: what a container does, in small.
final class Trial {
    private static final int O_RDWR = 2;
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final PlanBuilder plan = new PlanBuilder();
    private final long namespaces;
    private final @Nullable IdMapWriter maps;

    /// @param namespaces the `CLONE_NEW*` flags
    /// @param maps the ids of a new user namespace, or null without one
    Trial(long namespaces, @Nullable IdMapWriter maps) {
        this.namespaces = namespaces;
        this.maps = maps;
        Arg.Num status = Arg.num(LaunchRequest.STATUS_FD);
        plan.addExact(Syscall.of(Sys.READ, status, new Arg.Buffer(8, new byte[0], "[go]"), Arg.num(1)), 1);
    }

    /// Where the steps are added.
    PlanBuilder plan() {
        return plan;
    }

    /// Performs the steps in a child.
    Outcome outcome(int lastCapability) throws InterruptedException {
        plan.add(Sys.EXIT_GROUP, Arg.num(0));
        try (Fd nothing = Fd.open("/dev/null", O_RDWR, 0);
                Program program = Program.compile(plan.build(LaunchRequest.STATUS_FD))) {
            List<Fd> stdio = List.of(nothing, nothing, nothing);
            return ended(Launcher.launch(
                    new LaunchRequest(program, namespaces, stdio, List.of(), maps, lastCapability)));
        } catch (ErrnoException e) {
            return new Outcome.Refused(e.call(), e.errno());
        } catch (IOException | RuntimeException | OutOfMemoryError e) { // which says that no thread can be made
            return new Outcome.Failed(String.valueOf(e.getMessage()));
        }
    }

    private static Outcome ended(LaunchedProcess child) throws IOException, InterruptedException {
        child.awaitStarted(LIMIT);
        try {
            Exit exit = child.exit().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            return exit.signalled() ? new Outcome.Failed("the child was ended by signal " + exit.status()) : Outcome.WORKS;
        } catch (ExecutionException | TimeoutException e) {
            return new Outcome.Failed("the child did not end: " + e);
        }
    }
}
