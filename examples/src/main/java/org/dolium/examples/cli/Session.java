// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.dolium.container.Attachment;
import org.dolium.container.DetachedContainer;
import org.dolium.container.ExitStatus;
import org.dolium.container.TerminalSize;
import org.jspecify.annotations.Nullable;

/// A user at the terminal of a detached container, until it ends or the user leaves it. Whatever ends this JVM, the container goes on.
record Session(DetachedContainer container, Attachment attached, UserTerminal user) {
    /// What a user who leaves is told, as by Docker.
    static final String LEFT = "read escape sequence";

    /// How it ended.
    ///
    /// @param end null if the user has left it
    record Outcome(@Nullable ExitStatus end) {
        int shellCode() {
            return end == null ? 0 : end.shellCode();
        }
    }

    /// @param running whether there may be something to be drawn anew
    Outcome run(boolean running) throws IOException, InterruptedException {
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        Streams streams = new Streams(attached, outcome);
        Thread waiting = Thread.ofVirtual().name("dolium-wait").start(() -> await(outcome));
        user.connect(streams);
        if (running) {
            user.redraw(streams);
        }
        try {
            Outcome how = outcome.get();
            if (how.end() == null) {
                UserTerminal.say(LEFT);
            } else {
                user.awaitOutput();
            }
            return how;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        } finally {
            waiting.interrupt();
        }
    }

    private void await(CompletableFuture<Outcome> outcome) {
        try {
            outcome.complete(new Outcome(container.waitFor()));
        } catch (IOException | RuntimeException e) {
            outcome.completeExceptionally(e);
        } catch (InterruptedException e) {
            // the user has left
        }
    }

    /// Those of the container.
    private record Streams(Attachment attached, CompletableFuture<Outcome> outcome) implements TerminalStreams {
        @Override
        public InputStream output() {
            return attached.output();
        }

        @Override
        public OutputStream input() {
            return attached.input();
        }

        @Override
        public void resize(TerminalSize size) throws IOException {
            attached.resize(size.rows(), size.columns());
        }

        @Override
        public void unseen() {
            outcome.complete(new Outcome(null));
        }

        @Override
        public void untyped() {
            // it goes on
        }

        @Override
        public boolean detach() {
            outcome.complete(new Outcome(null));
            return true;
        }
    }
}
