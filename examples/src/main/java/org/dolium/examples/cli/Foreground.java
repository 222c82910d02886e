// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.ExitStatus;
import org.dolium.container.RestartPolicy;
import org.dolium.container.Signal;
import org.jspecify.annotations.Nullable;

/// A container that this JVM lives for. A signal that would end the JVM stops the container, a second one kills it; others are
/// passed on. Whatever ends the JVM, the container ends before or with it.
final class Foreground {
    private static final long PATIENCE_SECONDS = 3;

    private final ContainerBuilder builder;
    private final @Nullable UserTerminal terminal;
    private final String whyNotDetached;
    private final Duration grace;
    private final RestartPolicy policy;
    private final CompletableFuture<Running> started = new CompletableFuture<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final Thread caller = Thread.currentThread();

    /// @param terminal what is connected with its terminal, or null if it has none
    /// @param whyNotDetached what is said when the user wants to leave it
    /// @param policy whether it is run again
    /// @param grace how long the container has to end when it is asked to
    Foreground(
            ContainerBuilder builder, @Nullable UserTerminal terminal, String whyNotDetached, RestartPolicy policy, Duration grace) {
        this.builder = builder;
        this.terminal = terminal;
        this.whyNotDetached = whyNotDetached;
        this.policy = policy;
        this.grace = grace;
    }

    /// Starts the container and waits for its end.
    ///
    /// @param limit after which it is killed, or null for none
    @SuppressWarnings("try") // what is done about signals ends after the container
    ExitStatus run(@Nullable Duration limit) throws IOException, InterruptedException {
        Thread hook = new Thread(this::end, "dolium-run-end");
        try {
            Runtime.getRuntime().addShutdownHook(hook); // before the start: a signal may come in the middle of it
        } catch (IllegalStateException e) {
            return new ExitStatus.Signalled(Signal.TERM, false); // one came already, and the JVM's status says which
        }
        try (HostSignals signals = signals();
                terminal) {
            return runAttached(limit);
        } catch (InterruptedException e) {
            if (asked.get() == 0) {
                throw e;
            }
            return new ExitStatus.Signalled(Signal.KILL, false);
        } finally {
            started.cancel(false);
            removeHook(hook);
        }
    }

    private ExitStatus runAttached(@Nullable Duration limit) throws IOException, InterruptedException {
        if (terminal != null) {
            terminal.open();
        }
        try (Running container = Running.start(builder, policy)) {
            started.complete(container);
            if (terminal == null) {
                return container.await(limit);
            }
            terminal.connect(OwnStreams.of(container.container(), whyNotDetached));
            ExitStatus end = container.await(limit);
            terminal.awaitOutput();
            return end;
        }
    }

    private HostSignals signals() {
        HostSignals signals = new HostSignals();
        for (String name : new String[] {"INT", "TERM", "HUP"}) {
            signals.on(name, this::ask);
        }
        for (String name : new String[] {"USR1", "USR2"}) {
            signals.on(name, () -> passOn(Signal.parse(name)));
        }
        return signals;
    }

    /// The first time it is stopped, even if that has to wait for its start; then it is killed, or its start is given up.
    private void ask() {
        boolean first = asked.incrementAndGet() == 1;
        try {
            Running container = first ? started.get() : started.getNow(null);
            if (container == null) {
                caller.interrupt();
            } else if (first) {
                container.stop(grace);
            } else {
                container.kill();
            }
        } catch (InterruptedException | ExecutionException | CancellationException e) {
            // there is no container any more
        }
    }

    private void passOn(Signal signal) {
        try {
            started.get().send(signal); // the command may run already while its start is still being noticed
        } catch (InterruptedException | ExecutionException | CancellationException e) {
            // there is no container any more
        }
    }

    private void end() {
        try {
            started.get(PATIENCE_SECONDS, TimeUnit.SECONDS).close();
        } catch (TimeoutException | InterruptedException e) {
            // it hangs in its start: the kernel kills it when this JVM is gone
        } catch (ExecutionException | CancellationException e) {
            // there is no container
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the JVM is ending, and the hook runs
        }
    }
}
