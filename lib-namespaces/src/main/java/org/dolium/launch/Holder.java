// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.dolium.kernel.Fd;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.LaunchPlan;
import org.dolium.plan.PlanBuilder;

/// A child that does nothing but be there, for what lives only as long as some process is in it. It ends two seconds after a JVM that did not
/// close it: whoever was asked by that JVM to put the holder somewhere finds a process that lives. systemd never removes a
/// scope whose only process was about to die when it was put there, because the kernel then tells of no end.
public final class Holder implements AutoCloseable {
    private static final long PR_SET_PDEATHSIG = 1;
    private static final long PR_SET_NAME = 15;
    private static final long AFTER_THE_JVM_SECONDS = 2;

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
        plan.add(Sys.PRCTL, Arg.flags(PR_SET_PDEATHSIG, "PR_SET_PDEATHSIG"), Arg.num(0)); // the end of the JVM is that of the socket
        plan.addExact(Syscall.of(Sys.READ, status, new Arg.Buffer(8, new byte[0], "[go]"), Arg.num(1)), 1);
        plan.add(
                Sys.PRCTL, Arg.flags(PR_SET_NAME, "PR_SET_NAME"),
                Arg.str("dolium-holder".getBytes(StandardCharsets.US_ASCII)));
        plan.addExact(Syscall.of(Sys.READ, status, new Arg.Buffer(8, new byte[0], "[end]"), Arg.num(1)), 0);
        byte[] time = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(AFTER_THE_JVM_SECONDS).array();
        plan.add(Sys.PPOLL, Arg.NULL, Arg.num(0), new Arg.Bytes(time, "{2 s}"), Arg.NULL, Arg.num(0));
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
