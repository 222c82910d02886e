// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.dolium.cgroup.CgroupEvent;
import org.dolium.cgroup.Stats;
import org.dolium.cgroup.host.Accounts;
import org.dolium.cgroup.host.UsageFiles;
import org.dolium.launch.LaunchedProcess;
import org.jspecify.annotations.Nullable;

/// Everything that watches one container, made when the first asks, ended before the cgroup is removed.
final class Observation {
    private final Group group;
    private final LaunchedProcess process;
    private final List<StatsStream> streams = new ArrayList<>(0);
    private final List<Usage> usages = new ArrayList<>(0);
    private @Nullable EventWatch watch;
    private boolean closed;

    Observation(Group group, LaunchedProcess process) {
        this.group = group;
        this.process = process;
        process.onExit(exit -> {
            endStreams();
            return exit;
        });
    }

    Stats stats() throws IOException {
        return Accounts.read(group.required(), OwnNetwork.traffic(process.pid(), () -> process.signal(0)));
    }

    Subscription stream(Duration interval, Consumer<? super Stats> consumer) {
        if (interval.isNegative() || interval.isZero()) {
            throw new IllegalArgumentException("interval " + interval + " is not positive");
        }
        group.required();
        StatsStream stream = new StatsStream(this, consumer);
        synchronized (this) {
            checkOpen();
            streams.add(stream);
        }
        if (process.ended()) {
            stream.end();
        }
        stream.start(interval);
        return new Subscription(() -> {
            stream.close();
            synchronized (this) {
                streams.remove(stream);
            }
        });
    }

    synchronized Subscription events(Predicate<List<CgroupEvent>> handler) throws IOException {
        checkOpen();
        if (watch == null || !watch.isOpen()) {
            watch = EventWatch.of(group.required());
        }
        EventWatch used = watch;
        EventWatch.Listener listener = used.listen(handler);
        return new Subscription(() -> used.forget(listener));
    }

    synchronized Usage usage() throws IOException {
        checkOpen();
        UsageFiles files = UsageFiles.open(group.required());
        Usage usage = new Usage(files, this::forget);
        usages.add(usage);
        usage.refresh();
        return usage;
    }

    private synchronized void forget(Usage usage) {
        usages.remove(usage);
    }

    /// Something was done to the group: what changed is told soon.
    synchronized void look() {
        if (watch != null) {
            watch.look();
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the container is closed");
        }
    }

    private void endStreams() {
        List<StatsStream> all;
        synchronized (this) {
            all = List.copyOf(streams);
        }
        for (StatsStream stream : all) {
            stream.end();
        }
    }

    /// The last look at everything, before the group is removed.
    void close() {
        synchronized (this) {
            closed = true;
        }
        endStreams();
        synchronized (this) {
            usages.forEach(Usage::closeFiles);
            usages.clear();
            if (watch != null) {
                watch.end();
            }
        }
    }

    synchronized void removed() {
        if (watch != null) {
            watch.removed();
        }
    }
}
