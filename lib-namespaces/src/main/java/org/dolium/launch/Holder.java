// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.dolium.kernel.Fd;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.LaunchPlan;
import org.dolium.plan.PlanBuilder;

/// A child that does nothing but be there, for what lives only as long as some process is in it. It dies with the JVM.
public final class Holder implements AutoCloseable {
    private static final long PR_SET_NAME = 15;

    private final LaunchedProcess process;

    private Holder(LaunchedProcess process) {
        this.process = process;
    }

    public static Holder start() throws IOException, InterruptedException {
        try (Fd nothing = Fd.open("/dev/null", 2, 0);
                Program program = Program.compile(plan())) {
            return new Holder(Launcher.launch(
                    new LaunchRequest(program, 0, List.of(nothing, nothing, nothing), List.of(), null, 0)));
        }
    }

    private static LaunchPlan plan() {
        PlanBuilder plan = new PlanBuilder();
        Arg.Num status = Arg.num(LaunchRequest.STATUS_FD);
        plan.addExact(Syscall.of(Sys.READ, status, new Arg.Buffer(8, new byte[0], "[go]"), Arg.num(1)), 1);
        plan.add(
                Sys.PRCTL, Arg.flags(PR_SET_NAME, "PR_SET_NAME"),
                Arg.str("dolium-holder".getBytes(StandardCharsets.US_ASCII)));
        plan.add(Sys.PPOLL, Arg.NULL, Arg.num(0), Arg.NULL, Arg.NULL, Arg.num(0)); // until a signal ends it
        plan.add(Sys.EXIT_GROUP, Arg.num(0));
        return plan.build(LaunchRequest.STATUS_FD);
    }

    public long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.abandon();
    }
}
