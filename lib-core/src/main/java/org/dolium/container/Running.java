// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.host.Cgroup;
import org.dolium.cgroup.host.Cgroups;
import org.dolium.cgroup.host.Freezing;
import org.dolium.files.ContainerFiles;
import org.dolium.kernel.Fd;
import org.dolium.launch.Poller;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.UnsupportedHostException;
import org.dolium.state.Alive;
import org.dolium.state.Entry;
import org.dolium.state.GroupNote;
import org.dolium.state.Run;
import org.jspecify.annotations.Nullable;

/// The processes and the cgroup of a detached container, found again and held open for as long as something is done with them.
final class Running implements AutoCloseable {
    private static final long LOOK_AGAIN = 50;

    private final Entry entry;
    private final Run run;
    private final @Nullable Alive first;
    private final @Nullable Alive monitor;
    private @Nullable Group group;
    private @Nullable Cgroups cgroups;

    private Running(Entry entry, Run run, @Nullable Alive first, @Nullable Alive monitor) {
        this.entry = entry;
        this.run = run;
        this.first = first;
        this.monitor = monitor;
    }

    /// @param entry stays the caller's to close
    /// @return null if it does not run
    static @Nullable Running find(Entry entry) throws IOException {
        Run run = entry.run();
        if (run == null || !entry.isLocked()) {
            return null;
        }
        if (!run.pidNamespace().equals(Alive.pidNamespace())) {
            throw new IOException("container " + entry.id() + " was started in another pid namespace, where its processes must be looked for");
        }
        Alive first = Alive.find(run.pid(), run.birth());
        try {
            return new Running(entry, run, first, Alive.find(run.monitor(), run.monitorBirth()));
        } catch (IOException | RuntimeException e) {
            if (first != null) {
                first.close();
            }
            throw e;
        }
    }

    Run run() {
        return run;
    }

    int pid() {
        return run.pid();
    }

    /// Whether its first process has ended.
    boolean ended() {
        return first == null || first.hasEnded();
    }

    /// As [#ended], also after this was closed.
    boolean endedMeanwhile() {
        try (Alive again = Alive.find(run.pid(), run.birth())) {
            return again == null || again.hasEnded();
        } catch (IOException e) {
            return true;
        }
    }

    /// Another descriptor of its first process.
    ///
    /// @throws IllegalStateException if that is gone
    Fd copyPidfd() throws IOException {
        if (first == null) {
            throw new IllegalStateException("the container has ended");
        }
        return first.pidfd().copyAbove(0);
    }

    boolean isPaused() throws IOException {
        if (group().cgroup() == null) {
            return false;
        }
        try (Freezing freezing = Freezing.of(group().required())) {
            return freezing.is(true);
        } catch (UnsupportedHostException e) {
            return false;
        } catch (ErrnoException e) {
            if (!Cgroups.isGone(e)) {
                throw e;
            }
            return false; // it has just ended
        }
    }

    /// Its files, as long as its first process lives.
    ContainerFiles files() throws IOException {
        return ContainerFiles.ofProcess(run.pid(), () -> !endedMeanwhile());
    }

    boolean signal(Signal signal) {
        return first != null && first.signal(signal.number());
    }

    @Nullable Alive monitor() {
        return monitor;
    }

    /// Waits until its monitor has ended: then everything about its end is written.
    ///
    /// @return false if the time ran out
    boolean awaitEnd(Duration timeout) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.NANOSECONDS.convert(timeout);
        if (monitor != null && !Poller.shared().await(monitor.pidfd(), Poller.IN, timeout)) {
            return false;
        }
        // who was just killed still has its files for a moment; who settles the end has the lock, too
        while (entry.isLocked() && run.equals(entry.run()) && !entry.folder().has(Entry.STATUS)) {
            if (System.nanoTime() - deadline > 0) {
                return false;
            }
            Thread.sleep(LOOK_AGAIN);
        }
        return true;
    }

    /// Its cgroup, as far as it has one.
    Group group() throws IOException {
        Group known = group;
        if (known == null) {
            known = open(entry);
            group = known;
        }
        return known;
    }

    private Group open(Entry from) throws IOException {
        GroupNote note = from.group();
        Cgroups place = Cgroups.lastingAt(note == null ? List.of() : note.address());
        cgroups = place;
        Limits known = note == null ? Limits.none() : limits(note);
        Cgroup found = place.reopen(DetachedLaunch.groupName(from.id()), known);
        return new Group(new GroupPlan(place, null, known, true, false, null), found, "");
    }

    private static Limits limits(GroupNote note) {
        Limits limits = Limits.none();
        if (note.memory() > 0) {
            limits = limits.with(Limit.memoryMax(note.memory()));
        }
        return note.swap() < 0 ? limits : limits.with(Limit.swapMax(note.swap()));
    }

    void update(Limits changed) throws IOException {
        if (changed.find(Limit.Devices.class) != null) {
            throw new IllegalArgumentException("the list of devices of a detached container can't be changed");
        }
        Group group = group();
        group.update(changed);
        GroupNote before = entry.group();
        entry.group(DetachedLaunch.note(before == null ? List.of() : before.address(), group.required().limits()));
    }

    @Override
    public void close() {
        if (first != null) {
            first.close();
        }
        if (monitor != null) {
            monitor.close();
        }
        if (group != null) {
            group.release();
        }
        if (cgroups != null) {
            cgroups.close();
        }
    }
}
