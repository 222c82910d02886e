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

/// A child that sets the mode of the user's terminal back when the JVM is killed: nothing in a JVM can do that.
///
/// It waits for the end of the JVM, in a session of its own so that what is meant for the JVM's process group does not end it. It
/// changes nothing if somebody else has changed the mode meanwhile, as shells do after a job that was killed.
public final class TerminalGuard implements AutoCloseable {
    private static final long PR_SET_PDEATHSIG = 1;
    private static final long PR_SET_NAME = 15;
    private static final int TCGETS = 0x5401;
    private static final int TCSETS = 0x5402;

    private final LaunchedProcess process;

    private TerminalGuard(LaunchedProcess process) {
        this.process = process;
    }

    /// @param terminal the user's terminal, which stays the caller's to close
    /// @param before the mode to set back to, a `struct termios`
    /// @param meanwhile the mode that it must have then
    public static TerminalGuard start(Fd terminal, byte[] before, byte[] meanwhile)
            throws IOException, InterruptedException {
        try (Fd nothing = Fd.open("/dev/null", 2, 0);
                Program program = Program.compile(plan(before, meanwhile))) {
            return new TerminalGuard(Launcher.launch(
                    new LaunchRequest(program, 0, List.of(terminal, nothing, nothing), List.of(), null, 0)));
        }
    }

    static LaunchPlan plan(byte[] before, byte[] meanwhile) {
        PlanBuilder plan = new PlanBuilder();
        Arg.Num status = Arg.num(LaunchRequest.STATUS_FD);
        plan.addExact(Syscall.of(Sys.READ, status, new Arg.Buffer(8, new byte[0], "[go]"), Arg.num(1)), 1);
        plan.add(Sys.PRCTL, Arg.flags(PR_SET_PDEATHSIG, "PR_SET_PDEATHSIG"), Arg.num(0));
        plan.add(
                Sys.PRCTL, Arg.flags(PR_SET_NAME, "PR_SET_NAME"),
                Arg.str("dolium-terminal".getBytes(StandardCharsets.US_ASCII)));
        plan.add(Sys.SETSID);
        plan.add(Sys.CHDIR, Arg.str("/"));
        plan.addExact(Syscall.of(Sys.READ, status, new Arg.Buffer(8, new byte[0], "[end]"), Arg.num(1)), 0);
        Arg.Result mode = plan.add(
                Sys.IOCTL, Arg.num(0), Arg.flags(TCGETS, "TCGETS"), new Arg.Buffer(64, new byte[0], "[termios]"));
        ByteBuffer words = ByteBuffer.wrap(meanwhile).order(ByteOrder.LITTLE_ENDIAN);
        for (int at = 0; at < 16; at += 8) {
            plan.expect(mode, 2, at, -1L, words.getLong(at), "has the mode that was set");
        }
        plan.add(Sys.IOCTL, Arg.num(0), Arg.flags(TCSETS, "TCSETS"), new Arg.Bytes(before, "[termios]"));
        plan.add(Sys.EXIT_GROUP, Arg.num(0));
        return plan.build(LaunchRequest.STATUS_FD);
    }

    public long pid() {
        return process.pid();
    }

    /// Ends it without a change.
    @Override
    public void close() {
        process.abandon();
    }
}
