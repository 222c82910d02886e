// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.blob;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.dolium.oci.image.Descriptor;
import org.jspecify.annotations.Nullable;

/// Threads that copy some blobs, several at once. The first failure stops all of them, and they end before [#copy] does. They are
/// platform threads: system calls on files would pin virtual ones.
final class BlobThreads {
    /// What is done about a blob.
    interface Step {
        void copy(Descriptor blob) throws IOException;
    }

    private final Queue<Descriptor> waiting;
    private final Step step;
    private final List<Thread> threads = new ArrayList<>();
    private @Nullable Throwable failure;

    private BlobThreads(List<Descriptor> blobs, Step step) {
        waiting = new ArrayDeque<>(blobs);
        this.step = step;
    }

    /// Copies all blobs, in their order as far as there is one.
    ///
    /// @throws InterruptedIOException if this thread is interrupted
    static void copy(List<Descriptor> blobs, int atOnce, Step step) throws IOException {
        BlobThreads all = new BlobThreads(blobs, step);
        all.start(Math.min(atOnce, blobs.size()));
        all.await();
        all.check();
    }

    private synchronized void start(int count) {
        try {
            for (int i = 1; i <= count; i++) {
                Thread thread = Thread.ofPlatform().daemon().name("dolium-copy-" + i).unstarted(this::run);
                thread.start();
                threads.add(thread);
            }
        } catch (OutOfMemoryError e) { // there may be no more threads; who is at work already is waited for
            fail(e);
        }
    }

    private void run() {
        try {
            for (Descriptor blob = next(); blob != null; blob = next()) {
                step.copy(blob);
            }
        } catch (Throwable e) { // the caller gets it
            fail(e);
        }
    }

    private synchronized @Nullable Descriptor next() {
        return failure == null ? waiting.poll() : null;
    }

    /// Stops everyone. What fails afterwards is suppressed, unless it is that it was stopped.
    private synchronized void fail(Throwable why) {
        if (failure == null) {
            failure = why;
            for (Thread thread : threads) {
                thread.interrupt();
            }
        } else if (why != failure && !(why instanceof InterruptedIOException) && !(why instanceof ClosedByInterruptException)) {
            failure.addSuppressed(why);
        }
    }

    private void await() {
        boolean interrupted = false;
        for (int i = 0; i < threads.size(); ) {
            try {
                threads.get(i).join();
                i++;
            } catch (InterruptedException e) {
                interrupted = true;
                fail(new InterruptedIOException("interrupted while blobs were copied"));
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void check() throws IOException {
        switch (failure) {
            case IOException e -> throw e;
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case null, default -> {}
        }
    }
}
