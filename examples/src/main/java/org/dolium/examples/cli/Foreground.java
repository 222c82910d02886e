// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.dolium.container.Container;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.ExitStatus;
import org.dolium.container.Signal;
import org.jspecify.annotations.Nullable;

/// A container that this JVM lives for: a signal that ends the JVM ends the container first, with everything in it.
final class Foreground {
    private static final long PATIENCE_SECONDS = 3;

    private final ContainerBuilder builder;
    private final CompletableFuture<Container> started = new CompletableFuture<>();

    Foreground(ContainerBuilder builder) {
        this.builder = builder;
    }

    /// Starts the container and waits for its end.
    ///
    /// @param limit after which it is killed, or null for none
    ExitStatus run(@Nullable Duration limit) throws IOException, InterruptedException {
        Thread hook = new Thread(this::end, "dolium-run-end");
        try {
            Runtime.getRuntime().addShutdownHook(hook); // before the start: a signal may come in the middle of it
        } catch (IllegalStateException e) {
            return new ExitStatus.Signalled(Signal.TERM, false); // one came already, and the JVM's status says which
        }
        try (Container container = builder.start()) {
            started.complete(container);
            return await(container, limit);
        } finally {
            started.cancel(false);
            removeHook(hook);
        }
    }

    private static ExitStatus await(Container container, @Nullable Duration limit) throws InterruptedException {
        if (limit != null && !container.process().waitFor(limit)) {
            container.kill(Signal.KILL);
            container.waitFor();
            return new ExitStatus.TimedOut(limit);
        }
        return container.waitFor();
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
