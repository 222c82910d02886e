// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pull;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Arch;
import org.dolium.oci.blob.ImageSource;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Platform;
import org.dolium.oci.store.ChainId;
import org.dolium.oci.store.ImageStore;
import org.dolium.oci.store.StoreSink;
import org.dolium.oci.unpack.LayerLimits;
import org.jspecify.annotations.Nullable;

/// One pull of an image into a store.
///
/// ```java
/// try (RegistryClient client = RegistryClient.builder().build();
///         ImageStore store = ImageStore.open(ImageStore.defaultDirectory())) {
///     ImageReference busybox = ImageReference.parse("busybox:1.36");
///     try (ImagePull pull = ImagePull.from(client.repository(busybox), store).as(busybox).build()) {
///         PulledImage image = pull.run(busybox.version());
///     }
/// }
/// ```
///
/// Only what the store doesn't have is fetched, so of an image that is there only the name is asked for. Several layers are worked on
/// at once, and each by some threads; a layer is visible when all of it was verified, and the name when all layers are. Threads end
/// with the pull.
public final class ImagePull implements Closeable {
    private final Builder how;
    private final Workers workers = new Workers();
    private boolean started;

    private ImagePull(Builder how) {
        this.how = how;
    }

    public static Builder from(ImageSource source, ImageStore store) {
        return new Builder(source, store);
    }

    /// Pulls the image and gives it its names. Once.
    ///
    /// @param name as the source writes it: a tag or digest for a registry
    /// @throws IOException if something fails; then nothing is half there, and what is whole is not fetched again next time
    /// @throws java.io.InterruptedIOException if this thread is interrupted or the pull closed
    public PulledImage run(String name) throws IOException {
        synchronized (this) {
            if (started) {
                throw new IllegalStateException("a pull runs once");
            }
            started = true;
        }
        try (Progress progress = new Progress(how.listener)) {
            PulledImage image = run(name, progress);
            progress.tell(new PullEvent.Finished(image));
            return image;
        }
    }

    /// Works on threads of the pull, so that it can be given up without an interrupt of the caller.
    private PulledImage run(String name, Progress progress) throws IOException {
        PulledImage[] image = new PulledImage[1];
        workers.check();
        workers.execute(() -> {
            try {
                image[0] = pulled(name, progress);
            } catch (Throwable e) { // the caller gets it
                workers.fail(e);
            }
        });
        try {
            workers.await();
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
        }
        workers.check();
        return image[0];
    }

    private PulledImage pulled(String name, Progress progress) throws IOException {
        try (StoreSink sink = how.store.sink()) {
            Resolution resolution = new Resolution(how.source, how.store, sink);
            PulledImage image = resolution.resolve(name, how.platform);
            List<LayerJob> jobs = jobs(image);
            long bytes = 0;
            for (LayerJob job : jobs) {
                bytes += job.blob().size();
            }
            progress.tell(new PullEvent.Resolved(name, image.descriptor(), jobs.size(), bytes));
            try (LastSteps last = new LastSteps()) {
                layers(jobs, new LayerJob.Place(how.source, how.store, sink, how.limits, workers, progress, last));
            }
            resolution.keep();
            publish(image.root(), sink);
            return image;
        }
    }

    private void layers(List<LayerJob> jobs, LayerJob.Place place) throws IOException {
        for (LayerJob job : jobs) {
            if (!job.isDone(place.sink())) {
                try (Turn _ = Turn.await(keys(jobs))) {
                    work(jobs, place);
                }
                return;
            }
        }
        for (LayerJob job : jobs) {
            place.progress().tell(new PullEvent.LayerDone(job.blob(), true));
        }
    }

    private void publish(Descriptor root, StoreSink sink) throws IOException {
        ImageReference name = how.name;
        Descriptor before = name == null ? null : how.store.find(name).orElse(null);
        if (before == null || !before.digest().equals(root.digest())) {
            sink.publish(root, name == null ? List.of() : List.of(name.toString()));
        }
    }

    private static List<LayerJob> jobs(PulledImage image) {
        List<Digest> diffIds = image.config().diffIds();
        List<Digest> chain = ChainId.all(diffIds);
        List<LayerJob> jobs = new ArrayList<>();
        for (int i = 0; i < diffIds.size(); i++) {
            jobs.add(new LayerJob(i + 1, diffIds.size(), image.manifest().layers().get(i), diffIds.subList(0, i + 1), chain.get(i)));
        }
        return jobs;
    }

    private List<String> keys(List<LayerJob> jobs) {
        List<String> keys = new ArrayList<>();
        for (LayerJob job : jobs) {
            keys.add(how.store.directory() + " " + job.chainId());
        }
        return keys;
    }

    /// Does all jobs on some threads, and waits for them even when they were interrupted.
    private void work(List<LayerJob> jobs, LayerJob.Place place) throws IOException {
        Agenda agenda = new Agenda(jobs);
        workers.executeOn(Math.min(how.parallelism, agenda.size()), () -> agenda.run(place));
        workers.check();
        place.last().take(place);
    }

    /// Gives the pull up, if it has not ended, and waits until it has. What was unpacked of a layer that is not whole is removed.
    @Override
    public void close() {
        workers.cancel();
        workers.awaitEnd();
    }

    /// How an image is pulled.
    public static final class Builder {
        private static final int MOST_AT_ONCE = 8;

        private final ImageSource source;
        private final ImageStore store;
        private Platform platform = Platform.of("linux", Kernel.ARCH == Arch.X86_64 ? "amd64" : "arm64");
        private LayerLimits limits = LayerLimits.standard();
        private int parallelism = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, MOST_AT_ONCE);
        private @Nullable ImageReference name;
        private @Nullable Consumer<PullEvent> listener;

        private Builder(ImageSource source, ImageStore store) {
            this.source = source;
            this.store = store;
        }

        /// The name that the image gets in the store, where it may have stood for another. Without one it is there by its digest.
        public Builder as(ImageReference given) {
            name = given;
            return this;
        }

        /// The platform for which an image is taken from an index, and for which it must say itself to be; that of this machine by default.
        public Builder platform(Platform wanted) {
            platform = wanted;
            return this;
        }

        /// How much a layer may ask for.
        public Builder limits(LayerLimits most) {
            limits = most;
            return this;
        }

        /// How many layers are worked on at once; as many as there are processors by default, and eight at most. Each takes
        /// three threads and about 1.5 MB.
        public Builder parallelism(int layers) {
            if (layers < 1) {
                throw new IllegalArgumentException("the number of layers at once is " + layers);
            }
            parallelism = layers;
            return this;
        }

        /// Who is told what happens, on a thread for that. A listener that throws hears no more; one that is slow is not waited for,
        /// except for a second at the end.
        public Builder listener(Consumer<PullEvent> told) {
            listener = told;
            return this;
        }

        public ImagePull build() {
            return new ImagePull(this);
        }
    }
}
