// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.dolium.launch.Exit;
import org.dolium.launch.LaunchedProcess;
import org.jspecify.annotations.Nullable;

/// A command that was started in a running container: a handle to its process. Made by [ExecBuilder#start].
///
/// Closing it kills the command if it still runs, but not what the command started, and frees its streams; so does closing the
/// container in this JVM; in a [DetachedContainer] it is killed when this JVM ends. All methods may be called from any thread.
public final class Execution implements AutoCloseable {
    private static final long KILL_SECONDS = 10;

    private final ExecTarget container;
    private final LaunchedProcess launched;
    private final Stdio stdio;
    private final Group group;
    private final ContainerProcess process;
    private final boolean collected;
    private final long killedBefore;
    private volatile boolean killed;

    /// @param collected whether its output is read by who started it, and closed by him alone
    Execution(ExecTarget container, LaunchedProcess launched, Stdio stdio, boolean collected) {
        this.collected = collected;
        this.container = container;
        this.launched = launched;
        this.stdio = stdio;
        this.group = container.group();
        this.process = new ContainerProcess(launched, stdio);
        this.killedBefore = group.limitsMemory() ? Ending.oomKills(group) : Long.MAX_VALUE;
    }

    /// The command as a [Process]: streams, `waitFor`, `onExit`, `toHandle`.
    public Process process() {
        return process;
    }

    /// The pid in the JVM's pid namespace.
    public long pid() {
        return launched.pid();
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
            throw new IllegalStateException("the command still runs");
        }
        return status(exit);
    }

    /// Completes when the command has ended. Cancelling the returned future has no effect on the command.
    public CompletableFuture<ExitStatus> onExit() {
        return launched.onExit(this::status);
    }

    /// Waits for the end of the command.
    public ExitStatus waitFor() throws InterruptedException {
        process.waitFor();
        return exitStatus();
    }

    /// Waits for the end of the command, but no longer than `timeout`.
    ///
    /// @return nothing if it still runs
    public Optional<ExitStatus> waitFor(Duration timeout) throws InterruptedException {
        return process.waitFor(timeout) ? Optional.of(exitStatus()) : Optional.empty();
    }

    /// Sends a signal to the command.
    ///
    /// @return whether the command was there to get it
    public boolean kill(Signal signal) {
        if (signal.equals(Signal.KILL)) {
            killed = !launched.ended();
        }
        return launched.signal(signal.number());
    }

    /// Kills the command if it still runs, waits for its end, and closes its streams. Closing twice does nothing.
    ///
    /// @throws IllegalStateException if it does not end: it hangs in the kernel, or the container is paused
    @Override
    public void close() {
        end();
        stdio.close();
        container.left(this);
        if (isAlive()) {
            throw new IllegalStateException("command with pid " + pid() + " did not end within " + KILL_SECONDS
                    + " s of SIGKILL: the container is paused, or it hangs in the kernel");
        }
    }

    /// Lets the container have it that it runs in.
    void leave() {
        stdio.close();
        container.left(this);
    }

    /// Takes care that it ends with its container.
    void register() {
        container.registered(this);
    }

    ExecTarget target() {
        return container;
    }

    /// Ends it because its container does.
    void closeWithContainer() {
        if (collected) {
            end();
        } else {
            close();
        }
    }

    private void end() {
        boolean interrupted = false;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(KILL_SECONDS);
        while (isAlive() && System.nanoTime() < deadline) {
            kill(Signal.KILL);
            try {
                process.waitFor(1, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private ExitStatus status(Exit exit) {
        return Ending.status(exit, group, killed, false, killedBefore);
    }

    /// Tells the terminal that its window has another size, and with that the programs on it, by `SIGWINCH`.
    ///
    /// @throws IllegalStateException if this is closed or has no terminal
    public void resize(int rows, int columns) throws IOException {
        terminal().resize(new TerminalSize(rows, columns));
    }

    /// The size that the terminal has: what [ExecBuilder#terminal] or [#resize] said, or what the command has set since.
    ///
    /// @throws IllegalStateException if this is closed or has no terminal
    public TerminalSize terminalSize() {
        return terminal().size();
    }

    private ContainerTerminal terminal() {
        ContainerTerminal terminal = stdio.terminal();
        if (terminal == null) {
            throw new IllegalStateException("the command has no terminal");
        }
        return terminal;
    }

    LaunchedProcess launched() {
        return launched;
    }

    /// Waits for the end while collecting output.
    Result collect(@Nullable Duration timeout, Duration startTimeout, int captureLimit)
            throws IOException, InterruptedException {
        Collector collector = new Collector(launched, stdio, captureLimit, new Collector.End() {
            @Override
            public void kill() {
                Execution.this.kill(Signal.KILL);
            }

            @Override
            public Ending of(Exit exit) {
                return new Ending(status(exit), Duration.ofNanos(exit.cpuNanos()), -1, 0);
            }
        });
        return collector.startingWithin(startTimeout).collect(timeout);
    }

    @Override
    public String toString() {
        return "command " + pid() + " in " + container + " (" + (isAlive() ? "running" : exitStatus().toString()) + ")";
    }
}
