// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import org.dolium.kernel.Fd;
import org.dolium.state.Alive;
import org.dolium.state.Entry;
import org.dolium.state.Identity;
import org.dolium.state.Run;
import org.dolium.state.StateDirectory;
import org.dolium.state.Status;
import org.dolium.state.Turn;
import org.jspecify.annotations.Nullable;

/// Does once what was wished for the end of a container, in the JVM that was started for that. Others may start, stop or remove the
/// container at the same time: who has its lock decides, and the ticket tells whether this is still about the same run.
final class Ended {
    /// A shorter pause costs less than another JVM.
    private static final long SHORT = 500_000_000L;
    private static final Duration END_LIMIT = Duration.ofSeconds(30);
    private static final long FIRST_LOOK = 1_000_000;
    private static final long LAST_LOOK = 100_000_000;

    private final Containers home;
    private final String id;
    private final String ticket;
    private final AfterEnd.Rebuilding again;

    Ended(Containers home, String id, String ticket, AfterEnd.Rebuilding again) {
        this.home = home;
        this.id = id;
        this.ticket = ticket;
        this.again = again;
    }

    void handle() throws IOException, InterruptedException {
        if (!StateDirectory.isId(id)) {
            throw new IllegalArgumentException("'" + DetachedNames.printable(id) + "' is no id of a container");
        }
        try (StateDirectory state = home.open();
                Entry entry = state.entry(id)) {
            if (entry == null || !begin(state, entry)) {
                return;
            }
            try {
                Identity identity = settle(state, entry);
                if (identity != null) {
                    runAgain(entry, new DetachedContainer(home, identity));
                }
                forgetLog(state, entry);
            } catch (IOException | RuntimeException e) {
                tryLater(state, entry, e);
                throw e;
            }
        }
    }

    private boolean isMine(@Nullable Turn turn) {
        return turn != null && turn.ticket().equals(ticket);
    }

    /// From now on nobody takes this JVM for a process that only waits. On a disk that is full for a while there is nobody else who
    /// could try it again.
    private boolean begin(StateDirectory state, Entry entry) throws InterruptedException {
        for (long pause = Supervised.pause(0, 0); ; pause = Supervised.pause(pause, 0)) {
            try (Fd _ = state.lock()) {
                Turn turn = entry.turn();
                if (turn == null || !isMine(turn) || turn.begun()) {
                    return false;
                }
                entry.turn(turn.beginning());
                return true;
            } catch (IOException e) {
                tell(pause, "can't begin", e);
            }
            Thread.sleep(Duration.ofNanos(pause));
        }
    }

    /// Once, to the log.
    private void tell(long pause, String what, IOException why) {
        if (pause == Supervised.FIRST_PAUSE) {
            System.err.println("what is to follow the end of container " + id + " " + what + ", and is tried again: " + why.getMessage());
        }
    }

    /// What was printed on the way to success is no problem.
    private void forgetLog(StateDirectory state, Entry entry) throws IOException {
        try (Fd _ = state.lock()) {
            if (isMine(entry.turn())) {
                entry.folder().remove(Entry.AFTER_LOG);
            }
        }
    }

    /// Ends what is left of the run, and removes the container if that is wished.
    ///
    /// @return who is to be run again, or null for nobody
    private @Nullable Identity settle(StateDirectory state, Entry entry) throws IOException, InterruptedException {
        endLate(entry);
        try (Fd lock = lock(state, entry)) {
            Turn turn = lock == null ? null : entry.turn();
            Identity identity = entry.identity();
            AfterEnd wishes = AfterEnd.of(entry);
            if (turn == null || !isMine(turn) || identity == null || wishes == null) {
                return null;
            }
            if (Leftovers.neverWent(entry, identity)) {
                Leftovers.remove(state, entry);
                return null;
            }
            if (wishes.removes()) {
                Leftovers.removeEnded(state, entry);
                return null;
            }
            Settling.end(entry);
            return isAgain(state, entry, wishes, turn) ? identity : null;
        }
    }

    /// The limit has passed, and the container did not end by a signal: it is paused.
    private void endLate(Entry entry) throws IOException, InterruptedException {
        try (Running running = Running.find(entry)) {
            Turn turn = entry.turn(); // after that: if it is this one's, the run is its
            if (running == null || running.monitor() == null || turn == null || !isMine(turn) || turn.limitNanos() == 0) {
                return;
            }
            running.signal(Signal.KILL);
            new Pausing(running.group(), running::ended).letGo();
            if (!running.awaitEnd(END_LIMIT)) {
                throw new IOException("container " + id + " reached its time limit, and did not end within " + END_LIMIT + " of SIGKILL");
            }
        }
    }

    /// Waits for the container's lock as long as whoever has it may only settle its end. The directory's lock is free between the attempts:
    /// others take that while they have the container's.
    ///
    /// @return null if it was started or removed
    private @Nullable Fd lock(StateDirectory state, Entry entry) throws IOException, InterruptedException {
        for (long pause = FIRST_LOOK; ; pause = Math.min(2 * pause, LAST_LOOK)) {
            try (Fd _ = state.lock()) {
                if (!isMine(entry.turn())) {
                    return null;
                }
                Fd lock = entry.tryLock();
                if (lock != null) {
                    return lock;
                }
            } catch (NoSuchFileException e) {
                return null;
            }
            Thread.sleep(Duration.ofNanos(pause));
        }
    }

    private static boolean succeeded(Entry entry) throws IOException {
        Status status = entry.status();
        Run run = entry.run();
        return status != null && Settling.status(entry, status, entry.end(), run != null && run.init()).success();
    }

    /// Decides, waits if it is not long, and counts.
    private boolean isAgain(StateDirectory state, Entry entry, AfterEnd wishes, Turn turn) throws IOException, InterruptedException {
        if (!wishes.policy().again(succeeded(entry), turn.restarts())) {
            return false;
        }
        long pause = turn.pauseNanos();
        if (!turn.delays()) {
            Status status = entry.status();
            Run run = entry.run();
            Instant end = status == null ? Instant.now() : status.ended();
            long ran = run == null ? 0 : Duration.between(run.started(), end).toNanos();
            pause = Supervised.pause(pause, ran);
            long left = pause - Math.max(0, Duration.between(end, Instant.now()).toNanos());
            if (left > SHORT) {
                try (Fd _ = state.lock()) {
                    delay(entry, left, pause);
                }
                return false;
            }
            Thread.sleep(Duration.ofNanos(Math.max(0, left)));
        }
        try (Fd _ = state.lock()) {
            if (entry.folder().has(Entry.STOPPED)) {
                return false;
            }
            entry.turn(turn.again(pause));
            return true;
        }
    }

    /// It is not this JVM that goes on, if nobody else has taken its turn. The caller holds the lock of the directory.
    private void delay(Entry entry, long left, long pause) throws IOException, InterruptedException {
        Follower follower = Follower.of(home.directory(), entry);
        if (follower != null && isMine(entry.turn()) && !isStopped(entry)) {
            follower.awaitTime(Duration.ofNanos(left), pause);
        }
    }

    /// Whoever stopped one that is to be removed wants that all the same.
    private static boolean isStopped(Entry entry) throws IOException {
        AfterEnd wishes = AfterEnd.of(entry);
        return wishes == null || !wishes.removes() && entry.folder().has(Entry.STOPPED);
    }

    private void runAgain(Entry entry, DetachedContainer container) throws IOException, InterruptedException {
        try {
            container.startAgain(again.builder(container), ticket);
        } catch (IOException | RuntimeException e) {
            if (!entry.folder().has(Entry.STOPPED)) {
                throw e;
            }
        }
    }

    /// Notes what could not be done, and leaves it to a next process. As long as not even that can be, this JVM waits: nobody else knows.
    private void tryLater(StateDirectory state, Entry entry, Exception why) throws InterruptedException {
        for (long pause = Supervised.pause(0, 0); ; pause = Supervised.pause(pause, 0)) {
            try (Fd _ = state.lock()) {
                tryLater(entry, why);
                return;
            } catch (IOException e) {
                tell(pause, "can't be left to a process", e);
            }
            Thread.sleep(Duration.ofNanos(pause));
        }
    }

    /// What fails counts as a run that fails.
    private void tryLater(Entry entry, Exception why) throws IOException, InterruptedException {
        Turn turn = entry.turn();
        if (turn == null || !isMine(turn)) {
            return; // it is gone or was started: nothing is wrong with it
        }
        Follower.noteFailure(entry, why);
        try (Running running = Running.find(entry)) {
            Alive monitor = running == null ? null : running.monitor();
            Follower follower = Follower.of(home.directory(), entry);
            AfterEnd wishes = AfterEnd.of(entry);
            if (follower == null || wishes == null) {
                return;
            }
            if (monitor != null && !monitor.hasEnded()) {
                follower.awaitLateEnd(monitor.pidfd(), turn.limitNanos());
            } else if (wishes.removes() || wishes.policy().again(succeeded(entry), turn.restarts())) {
                long pause = Supervised.pause(turn.pauseNanos(), 0);
                delay(entry, pause, pause);
            }
        }
    }
}
