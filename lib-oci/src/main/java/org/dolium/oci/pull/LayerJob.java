// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pull;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.dolium.linux.ErrnoException;
import org.dolium.oci.blob.Attempts;
import org.dolium.oci.blob.ImageSource;
import org.dolium.oci.blob.VerifiedStream;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.store.ImageStore;
import org.dolium.oci.store.LayerStaging;
import org.dolium.oci.store.StoreSink;
import org.dolium.oci.unpack.LayerException;
import org.dolium.oci.unpack.LayerLimits;
import org.dolium.oci.unpack.LayerUnpack;
import org.dolium.oci.unpack.UnpackReport;
import org.jspecify.annotations.Nullable;

/// What is done about one layer. One thread reads it from where it comes, and writes it to the store where it is not there;
/// another decompresses what was read, and the one that runs this writes files. What goes from one to the next is verified only
/// at its end, and so is nothing visible before.
///
/// @param number the layer's place in the image, from 1
/// @param layers how many the image has
/// @param blob the layer, compressed
/// @param diffIds the digests of its archive and of those of the layers below it, the lowest first
/// @param chainId its name in the store
record LayerJob(int number, int layers, Descriptor blob, List<Digest> diffIds, Digest chainId) {
    /// Who a job works with.
    record Place(
            ImageSource source, ImageStore store, StoreSink sink, LayerLimits limits, Workers workers, Progress progress,
            LastSteps last) {}

    /// Whether nothing is left to do. What is there is not collected before the sink is closed.
    boolean isDone(StoreSink sink) throws IOException {
        return sink.hasLayer(chainId) && sink.has(blob);
    }

    void run(Place place) {
        try {
            if (isDone(place.sink())) {
                place.progress().tell(new PullEvent.LayerDone(blob, true));
            } else {
                work(place, place.sink().has(blob));
            }
        } catch (Throwable e) { // the pull ends with it
            place.workers().fail(named(e));
        }
    }

    private void work(Place place, boolean local) throws IOException {
        place.progress().tell(new PullEvent.LayerStarted(blob, local));
        Attempts attempts = new Attempts(blob, local ? List.of(place.store(), place.source()) : List.of(place.source()));
        while (true) {
            try (VerifiedStream stream = attempts.open()) {
                try {
                    attempt(place, stream, attempts);
                    return;
                } catch (IOException e) {
                    attempts.failed(stream, e);
                }
            }
            place.progress().tell(new PullEvent.LayerRetried(blob, attempts.lastProblem()));
        }
    }

    private void attempt(Place place, VerifiedStream stream, Attempts attempts) throws IOException {
        place.progress().watch(stream);
        try {
            if (place.sink().hasLayer(chainId)) {
                place.sink().put(stream);
                place.progress().tell(new PullEvent.LayerDone(blob, false));
            } else {
                boolean local = attempts.source() == place.store();
                unpack(place, new Feed(stream, local ? null : place.sink()), !attempts.areMany(stream));
            }
        } finally {
            place.progress().unwatch(stream);
        }
    }

    /// @param last whether the pull ends if this fails
    private void unpack(Place place, Feed feed, boolean last) throws IOException {
        VerifiedStream copy = feed.stream.copy();
        LayerStaging staging = place.sink().stage(diffIds);
        boolean fed = false;
        boolean later = false;
        try {
            place.workers().execute(feed);
            fed = true;
            UnpackReport report = LayerUnpack.apply(
                    copy, diffIds.getLast(), place.limits(), staging.directory(), place.store().policy(), place.workers());
            feed.await();
            if (number > 1 && !report.implied().isEmpty()) {
                staging.sync();
                place.last().add(this, staging, report);
                later = true;
            } else {
                commit(place, staging, report);
            }
        } catch (Throwable e) {
            if (last || !(e instanceof IOException)) {
                place.workers().fail(named(e)); // before its thread is waited for, which may wait itself
            }
            throw e;
        } finally {
            copy.close();
            if (fed) {
                feed.awaitEnd();
            }
            if (!later) {
                closed(staging);
            }
        }
    }

    /// Makes a layer visible that is whole.
    void commit(Place place, LayerStaging staging, UnpackReport report) throws IOException {
        staging.commit();
        place.progress().tell(new PullEvent.Unpacked(blob, report));
        place.progress().tell(new PullEvent.LayerDone(blob, false));
    }

    /// Removes what is not committed, whether the pull was interrupted or not.
    static void closed(LayerStaging staging) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            staging.close();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// The same with which layer it was, and of its kind where callers look at that.
    private Throwable named(Throwable e) {
        if (e instanceof ErrnoException || !(e instanceof IOException)) {
            return e; // an error of writing files names the layer and the path
        }
        String message = "layer " + number + " of " + layers + ", " + blob.digest() + ": " + e.getMessage();
        return switch (e) {
            case LayerException refused -> new LayerException(message, refused);
            case WrongContentException wrong -> new WrongContentException(message, wrong);
            default -> new IOException(message, e);
        };
    }

    /// Reads a stream to its end, and writes it to the store; what it reads comes out of its copy.
    private static final class Feed implements Runnable {
        private final VerifiedStream stream;
        private final @Nullable StoreSink sink;
        private final CountDownLatch ended = new CountDownLatch(1);
        private volatile @Nullable Throwable failure;

        /// @param sink null if it is there
        Feed(VerifiedStream stream, @Nullable StoreSink sink) {
            this.stream = stream;
            this.sink = sink;
        }

        @Override
        public void run() {
            try {
                if (sink != null) {
                    sink.put(stream);
                } else {
                    byte[] buffer = new byte[1 << 16];
                    while (stream.read(buffer, 0, buffer.length) >= 0) {
                        // all of it goes to the copy
                    }
                }
            } catch (Throwable e) { // whoever waits gets it
                failure = e;
                stream.giveUp(e);
            } finally {
                ended.countDown();
            }
        }

        /// Waits until all of it was read and written.
        void await() throws IOException {
            awaitEnd();
            switch (failure) {
                case IOException e -> throw e;
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case null, default -> {}
            }
        }

        /// Waits for the end, which comes soon when the copy is closed and this thread was interrupted.
        void awaitEnd() {
            Workers.await(ended);
        }
    }
}
