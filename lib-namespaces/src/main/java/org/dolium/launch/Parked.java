// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.dolium.kernel.Fd;
import org.dolium.plan.LaunchPlan;
import org.dolium.process.LaunchException;
import org.jspecify.annotations.Nullable;

/// A process on the host that waits for something and then executes a command, also when this JVM is long gone: the plan is that of
/// [org.dolium.sandbox.FollowUpPlanner]. Until [#release] it dies with the JVM. For one thread at a time.
public final class Parked implements AutoCloseable {
    private static final int ATTEMPTS = 100;

    private final LaunchedProcess process;
    private final MonitorChannel channel;
    private boolean kept;

    private Parked(LaunchedProcess process, MonitorChannel channel) {
        this.process = process;
        this.channel = channel;
    }

    /// Makes it, in the JVM's own cgroup and namespaces.
    ///
    /// @param stdio its standard streams and the command's, which stay the caller's to close
    /// @param passed what it waits for, and stays the caller's to close
    /// @throws LaunchException if it could not be made; nothing is left then
    public static Parked make(LaunchPlan plan, List<Fd> stdio, List<Fd> passed) throws IOException, InterruptedException {
        try (Program program = Program.compile(plan)) {
            LaunchRequest request = new LaunchRequest(program, 0, stdio, passed, null, 0);
            for (int attempt = 1; ; attempt++) {
                Parked made = make(request, attempt < ATTEMPTS);
                if (made != null) {
                    return made;
                }
                Thread.sleep(1);
            }
        }
    }

    /// @return nothing if it failed for a reason that soon passes, and `again` is true
    private static @Nullable Parked make(LaunchRequest request, boolean again) throws IOException {
        Fd[] channel = Fd.socketPair();
        try (Fd theirs = channel[1];
                CloneJob job = new CloneJob(request, request.program().file(), theirs)) {
            CloneThread.shared().run(job);
            return new Parked(Detached.made(request, job), new MonitorChannel(channel[0], request.program().plan()));
        } catch (LaunchException e) {
            channel[0].close();
            if (again && e.call().startsWith("execveat(") && UnnamedFile.passesSoon(-e.errno().value())) {
                return null;
            }
            throw e;
        } catch (IOException | RuntimeException e) {
            channel[0].close();
            throw e;
        }
    }

    public int pid() {
        return process.pid();
    }

    /// Lets it outlive the JVM: returns when it has confirmed that it will. It is still ended by [#close], unless [#keep] comes before.
    ///
    /// @throws LaunchException if a step failed
    /// @throws IOException also if it was killed
    public void release(Duration timeout) throws IOException, InterruptedException {
        try {
            channel.release(timeout);
        } catch (LaunchException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException("the process that is to wait for the end of the container does not stay: " + e.getMessage(), e);
        }
    }

    /// From now on it is nobody's but its own; who is still there when it ends waits for it.
    public void keep() {
        kept = true;
    }

    /// Ends it without leaving anything, unless it is to be kept.
    @Override
    public void close() {
        channel.close();
        if (!kept) {
            process.abandon();
        }
    }
}
