// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.blob;

import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;

/// A stream that another thread reads ahead of whoever reads this one, by some hundred kilobytes at most. Closing it ends the other
/// thread's work and waits for that, so what is below must stop waiting when it is closed.
public final class ReadAhead extends FilterInputStream {
    private final InputStream from;
    private final Closeable source;
    private final CountDownLatch done = new CountDownLatch(1);

    private ReadAhead(Pipe pipe, InputStream from, Closeable source) {
        super(pipe.in());
        this.from = from;
        this.source = source;
    }

    /// @param from what is read, and closed with this stream when nobody reads it any more
    /// @param source what `from` waits for; it is closed first
    /// @param threads gives the other thread
    public static InputStream of(InputStream from, Closeable source, Executor threads) {
        Pipe pipe = new Pipe();
        ReadAhead stream = new ReadAhead(pipe, from, source);
        threads.execute(() -> stream.run(pipe));
        return stream;
    }

    private void run(Pipe pipe) {
        try {
            pipe.fill(from);
            pipe.finish();
        } catch (Throwable e) { // whoever reads gets it
            pipe.fail(e);
        } finally {
            done.countDown();
        }
    }

    @Override
    public void close() throws IOException {
        super.close();
        source.close();
        boolean interrupted = false;
        while (true) {
            try {
                done.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        from.close();
    }
}
