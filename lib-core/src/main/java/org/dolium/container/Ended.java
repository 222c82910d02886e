// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import org.dolium.kernel.Fd;
import org.dolium.state.Entry;
import org.dolium.state.Identity;
import org.dolium.state.Run;
import org.dolium.state.StateDirectory;
import org.dolium.state.Status;
import org.dolium.state.Turn;
import org.dolium.state.Wishes;
import org.jspecify.annotations.Nullable;

/// Does once what was wished for the end of a container, in the JVM that was started for that. Others may start, stop or remove the
/// container at the same time: who has its lock decides, and the ticket tells whether this is still about the same run.
final class Ended {
    /// A shorter pause costs less than another JVM.
    private static final long SHORT = 500_000_000L;
    private static final Duration END_LIMIT = Duration.ofSeconds(30);

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
                    runAgain(state, entry, new DetachedContainer(home, identity));
                }
                forgetLog(state, entry);
            } catch (IOException | RuntimeException e) {
                if (isMine(entry.turn())) { // it is not gone
                    Follower.noteFailure(entry, e);
                }
                throw e;
            }
        }
    }

    private boolean isMine(@Nullable Turn turn) {
        return turn != null && turn.ticket().equals(ticket);
    }

    /// From now on nobody takes this JVM for a process that only waits.
    private boolean begin(StateDirectory state, Entry entry) throws IOException {
        try (Fd _ = state.lock()) {
            Turn turn = entry.turn();
            if (turn == null || !isMine(turn) || turn.begun()) {
                return false;
            }
            entry.turn(turn.beginning());
            return true;
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
            Wishes wishes = entry.wishes();
            if (turn == null || !isMine(turn) || identity == null || wishes == null) {
                return null;
            }
            if (wishes.remove() || Leftovers.neverWent(entry, identity)) {
                Leftovers.remove(state, entry);
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

    /// @return null if somebody else has it, who is about to start or remove it
    private @Nullable Fd lock(StateDirectory state, Entry entry) throws IOException {
        try (Fd _ = state.lock()) {
            return entry.lockSoon();
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /// Decides, waits if it is not long, and counts.
    private boolean isAgain(StateDirectory state, Entry entry, Wishes wishes, Turn turn) throws IOException, InterruptedException {
        Status status = entry.status();
        Run run = entry.run();
        boolean success = status != null && Settling.status(entry, status, entry.end(), run != null && run.init()).success();
        if (!RestartPolicy.parse(wishes.policy()).again(success, turn.restarts())) {
            return false;
        }
        long pause = turn.pauseNanos();
        if (!turn.delays()) {
            Instant end = status == null ? Instant.now() : status.ended();
            long ran = run == null ? 0 : Duration.between(run.started(), end).toNanos();
            pause = Supervised.pause(pause, ran);
            long left = pause - Math.max(0, Duration.between(end, Instant.now()).toNanos());
            if (left > SHORT) {
                return delay(state, entry, left, pause);
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

    /// @return false: it is not this JVM that goes on
    private boolean delay(StateDirectory state, Entry entry, long left, long pause) throws IOException, InterruptedException {
        Follower follower = Follower.of(home.directory(), entry);
        try (Fd _ = state.lock()) {
            if (follower != null && !entry.folder().has(Entry.STOPPED)) {
                follower.awaitTime(Duration.ofNanos(left), pause);
            }
        }
        return false;
    }

    private void runAgain(StateDirectory state, Entry entry, DetachedContainer container) throws IOException, InterruptedException {
        try {
            container.startAgain(again.builder(container), ticket);
        } catch (IOException | RuntimeException e) {
            if (entry.folder().has(Entry.STOPPED)) {
                return;
            }
            tryLater(state, entry, e);
            throw e;
        }
    }

    /// A start that fails counts as a run that fails.
    private void tryLater(StateDirectory state, Entry entry, Exception why) throws InterruptedException {
        Follower.noteFailure(entry, why);
        try {
            Turn turn = entry.turn();
            Wishes wishes = entry.wishes();
            if (turn != null && wishes != null && isMine(turn) && RestartPolicy.parse(wishes.policy()).again(false, turn.restarts())) {
                long pause = Supervised.pause(turn.pauseNanos(), 0);
                delay(state, entry, pause, pause);
            }
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }
}
