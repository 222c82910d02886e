// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.dolium.cgroup.host.Cgroup;
import org.dolium.cgroup.host.Cgroups;
import org.dolium.cgroup.host.LastCounts;
import org.dolium.cgroup.Limits;
import org.dolium.launch.Exit;
import org.dolium.launch.Poller;
import org.dolium.rootfs.TreeDeletion;
import org.dolium.state.Alive;
import org.dolium.state.End;
import org.dolium.state.Entry;
import org.dolium.state.GroupNote;
import org.dolium.state.Run;
import org.dolium.state.Status;
import org.dolium.state.Turn;
import org.jspecify.annotations.Nullable;

/// What remains to be done when a detached container has ended, by the first JVM that looks. The caller holds the container's lock.
final class Settling {
    private static final int LONGEST_PATH = 4096;
    private static final Duration KILL_LIMIT = Duration.ofSeconds(30);
    private static final int ATTEMPTS = 100;
    private static final long PAUSE_NANOS = 1_000_000;

    private Settling() {}

    /// Notes what the cgroup counted, and removes it.
    static End end(Entry entry) throws IOException {
        End known = entry.end();
        if (known == null) {
            endLeft(entry, entry.run());
            known = count(entry);
            entry.end(known);
        }
        removeGroup(entry);
        return known;
    }

    static End count(Entry entry) throws IOException {
        LastCounts counts = counts(entry);
        return new End(counts.oomKills(), counts.cpuNanos(), counts.peakMemory());
    }

    private static LastCounts counts(Entry entry) throws IOException {
        byte[] counted = entry.counted();
        LastCounts noted = counted != null && entry.folder().has(Entry.STATUS) ? LastCounts.parse(counted) : LastCounts.NONE;
        try (Cgroups place = place(entry)) {
            Cgroup group = place.reopen(DetachedLaunch.groupName(entry.id()), Limits.none());
            if (group == null) {
                return noted;
            }
            try {
                return noted.orMore(LastCounts.of(group)); // a group may be left in some hierarchies only
            } finally {
                group.release();
            }
        } catch (org.dolium.linux.ErrnoException e) {
            return noted; // the hierarchy is no longer there
        }
    }

    private static Cgroups place(Entry entry) throws IOException {
        GroupNote note = entry.group();
        return Cgroups.lastingAt(note == null ? List.of() : note.address());
    }

    /// Kills what is left of it, and removes its cgroup.
    static void removeGroup(Entry entry) throws IOException {
        endLeft(entry, entry.run());
        dropGroup(entry);
    }

    /// Ends a first process that has outlived its monitor: one that changes its ids forgets whose death is its own. Nobody can be taken
    /// for it but by the same pid and birth after the machine was started anew.
    ///
    /// @throws IOException if it does not end
    static void endLeft(Entry entry, @Nullable Run run) throws IOException {
        if (run == null || entry.folder().has(Entry.STATUS) || !run.pidNamespace().equals(Alive.pidNamespace())
                || run.started().isBefore(machineStarted())) {
            return;
        }
        try (Alive first = Alive.find(run.pid(), run.birth())) {
            if (first != null) {
                Duration limit = first.signal(Signal.KILL.number()) ? KILL_LIMIT : Duration.ofSeconds(1);
                if (!Poller.shared().await(first.pidfd(), Poller.IN, limit)) {
                    throw new IOException("process " + run.pid() + " of container " + entry.id() + ", whose monitor was killed, does not end");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while process " + run.pid() + " ended").initCause(e);
        }
    }

    private static Instant machineStarted() throws IOException {
        String uptime = Files.readString(Path.of("/proc/uptime"));
        return Instant.now().minusSeconds(Long.parseLong(uptime.substring(0, uptime.indexOf('.'))) + 1);
    }

    /// Kills what is left in its cgroup, and removes that.
    static void dropGroup(Entry entry) throws IOException {
        GroupNote note = entry.group();
        if (note == null) {
            return;
        }
        for (int attempt = 1; ; attempt++) {
            try (Cgroups place = Cgroups.lastingAt(note.address());
                    Cgroup group = place.reopen(DetachedLaunch.groupName(entry.id()), Limits.none())) {
                if (group != null) {
                    group.kill();
                }
                break;
            } catch (org.dolium.linux.ErrnoException e) {
                if (!Cgroups.isGone(e) || attempt == ATTEMPTS) {
                    throw e;
                }
            }
            LockSupport.parkNanos(PAUSE_NANOS); // somebody else removes it, as systemd does with a scope in which nothing is
        }
        entry.forgetGroup();
    }

    /// Where it writes to the disk, or null if nowhere.
    static @Nullable Path upper(Entry entry) throws IOException {
        byte[] text = entry.folder().read(Entry.UPPER, LONGEST_PATH);
        if (text == null) {
            return null;
        }
        Path path = Path.of(new String(text, StandardCharsets.UTF_8));
        if (!UpperDirectory.isLasting(path, entry.id())) {
            throw new IOException("'" + path + "' is no directory of container " + entry.id());
        }
        return path;
    }

    /// Deletes what it wrote to the disk.
    static void removeUpper(Entry entry) throws IOException {
        Path path = upper(entry);
        if (path == null) {
            return;
        }
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            TreeDeletion.delete(path);
        }
        entry.folder().remove(Entry.UPPER);
    }

    static ExitStatus status(Entry entry, Status status, @Nullable End end, boolean init) throws IOException {
        Exit exit = new Exit(status.code(), status.signalled(), status.coreDumped(), status.cpuNanos());
        boolean killed = entry.folder().has(Entry.KILLED);
        Turn turn = entry.turn();
        Run run = entry.run();
        if (turn != null && run != null && turn.limitNanos() > 0 && !killed && exit.signalled() && exit.status() == Signal.KILL.number()) {
            Duration limit = Duration.ofNanos(turn.limitNanos());
            if (!status.ended().isBefore(run.started().plus(limit))) { // it was measured after the container was started
                return new ExitStatus.TimedOut(limit);
            }
        }
        return Ending.status(exit, end == null ? 0 : end.oomKills(), killed, init);
    }
}
