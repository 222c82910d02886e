// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.dolium.cgroup.Limits;
import org.dolium.launch.Exit;
import org.dolium.launch.LaunchedProcess;
import org.jspecify.annotations.Nullable;

/// A running container: a handle to its process and to everything that was made for it.
///
/// Closing it kills what still runs and frees everything; so does the end of the JVM, also by `kill -9`. All methods may
/// be called from any thread.
///
/// ```java
/// try (Container c = ContainerBuilder.create().rootfs(Rootfs.host()).command("cat").start()) {
///     c.process().outputWriter().append("hello\n").close();
///     System.out.println(c.process().inputReader().readLine());
/// }
/// ```
public final class Container implements AutoCloseable {
    private static final long KILL_SECONDS = 30;

    private final LaunchedProcess launched;
    private final Stdio stdio;
    private final Cleanup cleanup;
    private final ContainerProcess process;
    private final List<String> reductions;
    private final Group group;
    private boolean killed;
    private @Nullable Ending ending;

    Container(LaunchedProcess launched, Stdio stdio, Cleanup cleanup, Group group, List<String> reductions) {
        this.reductions = reductions;
        this.group = group;
        this.launched = launched;
        this.stdio = stdio;
        this.cleanup = cleanup;
        this.process = new ContainerProcess(launched, stdio);
    }

    /// The command as a [Process]: streams, `waitFor`, `onExit`, `toHandle`. Closing the container closes its streams.
    public Process process() {
        return process;
    }

    /// The pid of the command in the JVM's pid namespace.
    public long pid() {
        return launched.pid();
    }

    /// See [ContainerSpec#reductions]; and the limits that were preferred and turned out not to be in force.
    public List<String> reductions() {
        List<String> weaker = group.notInForce();
        weaker.addAll(0, reductions);
        return List.copyOf(weaker);
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /// How the command ended.
    ///
    /// @throws IllegalStateException if it still runs
    public ExitStatus exitStatus() {
        Exit exit = launched.exit().getNow(null);
        if (exit == null) {
            throw new IllegalStateException("the container still runs");
        }
        return ending(exit).status();
    }

    /// Completes when the command has ended. Cancelling the returned future has no effect on the container.
    public CompletableFuture<ExitStatus> onExit() {
        return launched.onExit(exit -> ending(exit).status());
    }

    /// Waits for the end of the command.
    public ExitStatus waitFor() throws InterruptedException {
        process.waitFor();
        return exitStatus();
    }

    /// How it ended and what its cgroup counted until then.
    synchronized Ending ending(Exit exit) {
        Ending known = ending;
        if (known == null) {
            known = Ending.of(exit, group, killed);
            ending = known;
        }
        return known;
    }

    /// Changes limits while the container runs. What is not mentioned stays as it is.
    ///
    /// @throws org.dolium.linux.UnsupportedHostException if one can't be put in force; those before it may be
    /// @throws IllegalStateException if the container has no cgroup
    public void update(Limits limits) throws IOException {
        group.update(limits);
    }

    /// Sends a signal to the command. The first process of a pid namespace ignores signals that it has no handler for,
    /// except `SIGKILL` and `SIGSTOP`; see pid_namespaces(7).
    ///
    /// @return whether the command was there to get it
    public boolean kill(Signal signal) {
        if (signal.number() == Signal.KILL.number()) {
            killedByUs();
        }
        return launched.signal(signal.number());
    }

    /// Asks the command to end with `SIGTERM`, and kills the container when `grace` has passed.
    public ExitStatus stop(Duration grace) throws InterruptedException {
        return stop(Signal.TERM, grace);
    }

    /// Asks the command to end with `signal`, and kills the container when `grace` has passed.
    public ExitStatus stop(Signal signal, Duration grace) throws InterruptedException {
        kill(signal);
        if (!process.waitFor(grace)) {
            kill(Signal.KILL);
        }
        return waitFor();
    }

    /// Kills what still runs, waits for its end and frees everything. Closing twice does nothing.
    @Override
    public void close() {
        if (isAlive()) {
            kill(Signal.KILL);
        }
        group.kill();
        boolean interrupted = false;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(KILL_SECONDS);
        while (isAlive() && System.nanoTime() < deadline) {
            try {
                process.waitFor(1, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        stdio.close();
        cleanup.run();
        IOException notRemoved = removeGroup();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (isAlive()) {
            throw new IllegalStateException("container with pid " + pid() + " did not end within " + KILL_SECONDS
                    + " s of SIGKILL: it hangs in the kernel");
        }
        if (notRemoved != null) {
            throw new IllegalStateException("the cgroup of " + this + " could not be removed", notRemoved);
        }
    }

    private synchronized void killedByUs() {
        killed = !launched.ended();
    }

    private @Nullable IOException removeGroup() {
        Exit exit = launched.exit().getNow(null);
        if (exit != null) {
            ending(exit); // the last look at what the group counted
        }
        try {
            group.close();
            return null;
        } catch (IOException e) {
            return e;
        }
    }

    LaunchedProcess launched() {
        return launched;
    }

    /// Waits for the end while collecting output, for [ContainerBuilder#run].
    Result collect(@Nullable Duration timeout, int captureLimit) throws IOException, InterruptedException {
        return new Collector(this, stdio, captureLimit).collect(timeout);
    }

    @Override
    public String toString() {
        return "container " + pid() + " (" + (isAlive() ? "running" : exitStatus().toString()) + ")";
    }
}
