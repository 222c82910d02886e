// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.dolium.kernel.Fd;
import org.dolium.launch.Parked;
import org.dolium.launch.Poller;
import org.dolium.sandbox.FollowUp;
import org.dolium.sandbox.FollowUpPlanner;
import org.dolium.state.Alive;
import org.dolium.state.Entry;
import org.dolium.state.StateDirectory;
import org.dolium.state.Status;
import org.dolium.state.Turn;
import org.jspecify.annotations.Nullable;

/// Processes that wait for the end of a container, or for its next run, and then execute what was wished; see [AfterEnd].
final class Follower {
    static final String STATE = "DOLIUM_STATE";
    static final String CONTAINER = "DOLIUM_CONTAINER";
    static final String TICKET = "DOLIUM_TICKET";

    /// What of the environment matters to a JVM that starts containers.
    static final List<String> PASSED = List.of(
            "PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "DBUS_SESSION_BUS_ADDRESS");
    /// Who waits for the end of a container, or looks at all from time to time, has seen it then.
    private static final Duration BEFORE_REMOVAL = Duration.ofSeconds(1);
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int LONGEST = 4096;

    private final Path state;
    private final Entry entry;
    private final AfterEnd wishes;
    private @Nullable Turn before;
    private String ticket = "";

    private Follower(Path state, Entry entry, AfterEnd wishes) {
        this.state = state;
        this.entry = entry;
        this.wishes = wishes;
    }

    /// @return null if nothing is wished for its end
    static @Nullable Follower of(Path state, Entry entry) throws IOException {
        AfterEnd wishes = AfterEnd.of(entry);
        return wishes == null ? null : new Follower(state, entry, wishes);
    }

    /// Makes the process that waits for the end of a run. The caller releases it, and keeps it if nothing fails; it holds the lock of the
    /// directory.
    ///
    /// @param monitor a pidfd, which stays the caller's to close, as does the next
    /// @param first a pidfd of the container's first process, which is killed when its time has run out; or null to let it
    Parked awaitEnd(Fd monitor, @Nullable Fd first) throws IOException, InterruptedException {
        Duration limit = first == null ? null : wishes.limit().orElse(null);
        return awaitEnd(monitor, first, limit, limit == null ? 0 : limit.toNanos());
    }

    /// Starts one for a run whose time is over, and which did not end by `SIGKILL`. The caller holds the lock of the directory.
    void awaitLateEnd(Fd monitor, long limitNanos) throws IOException, InterruptedException {
        try (Parked parked = awaitEnd(monitor, null, null, limitNanos)) {
            letGo(parked);
        }
    }

    private Parked awaitEnd(Fd monitor, @Nullable Fd first, @Nullable Duration limit, long limitNanos) throws IOException, InterruptedException {
        Duration pause = wishes.removes() ? BEFORE_REMOVAL : Duration.ZERO;
        begin();
        FollowUp followUp = new FollowUp(Duration.ZERO, true, limit, pause, words(), environment());
        Parked parked = park(followUp, first == null || limit == null ? List.of(monitor) : List.of(monitor, first));
        try {
            turn(parked, false, before == null ? 0 : before.pauseNanos(), limitNanos);
            return parked;
        } catch (IOException | RuntimeException e) {
            parked.close();
            throw e;
        }
    }

    /// Starts the process that waits for the end of a run that is under way, if there is none. The caller holds the lock of the directory.
    static void watch(Path state, Entry entry, Alive monitor) throws IOException, InterruptedException {
        Follower follower = of(state, entry);
        Turn turn = entry.turn();
        try (Alive waiter = turn == null ? null : turn.find()) {
            if (waiter != null || follower == null) {
                return;
            }
        }
        try (Parked parked = follower.awaitEnd(monitor.pidfd(), null)) {
            letGo(parked);
        }
    }

    /// Starts the process that waits for the next run. The caller holds the lock of the directory.
    void awaitTime(Duration delay, long pauseNanos) throws IOException, InterruptedException {
        begin();
        FollowUp followUp = new FollowUp(delay, false, null, Duration.ZERO, words(), environment());
        try (Parked parked = park(followUp, List.of())) {
            turn(parked, true, pauseNanos, before == null ? 0 : before.limitNanos());
            letGo(parked);
        }
    }

    /// Lets a process outlive this JVM.
    static void letGo(Parked parked) throws IOException, InterruptedException {
        parked.release(LIMIT);
        parked.keep();
    }

    private void begin() throws IOException {
        before = entry.turn();
        ticket = StateDirectory.newId();
    }

    private void turn(Parked parked, boolean delays, long pauseNanos, long limitNanos) throws IOException {
        entry.turn(new Turn(ticket, parked.pid(), Alive.birth(parked.pid()), Turn.here(), false, delays, before == null ? 0 : before.restarts(),
                pauseNanos, limitNanos));
    }

    /// The process of [#awaitEnd] was ended again: it is the turn of who had it before. The caller holds the lock of the directory.
    void undo() throws IOException {
        Turn turn = entry.turn();
        if (turn == null || !turn.ticket().equals(ticket)) {
            return;
        }
        if (before == null) {
            entry.forgetTurn();
        } else {
            entry.turn(before);
        }
    }

    private Parked park(FollowUp followUp, List<Fd> passed) throws IOException, InterruptedException {
        Path program = Path.of(wishes.command().getFirst());
        if (!Files.isExecutable(program) || Files.isDirectory(program)) {
            throw new IOException("'" + program + "', which is to be executed after the end of the container, is no program that this user may"
                    + " execute: if it was moved, as a JDK is when it is exchanged, name the new one by DetachedContainer.afterEnd;"
                    + " 'dolium start' and 'dolium update --restart' do that");
        }
        entry.folder().remove(Entry.AFTER_LOG);
        try (Fd input = Fd.open("/dev/null", 0, 0);
                Fd log = entry.folder().create(Entry.AFTER_LOG)) {
            return Parked.make(FollowUpPlanner.plan(followUp), List.of(input, log, log), passed);
        }
    }

    private List<byte[]> words() {
        return bytes(wishes.command());
    }

    private List<byte[]> environment() {
        List<String> all = new ArrayList<>(List.of(STATE + "=" + state, CONTAINER + "=" + entry.id(), TICKET + "=" + ticket));
        for (int i = 0; i < PASSED.size(); i++) {
            String value = System.getenv(PASSED.get(i));
            if (value != null) {
                all.add(PASSED.get(i) + "=" + value);
            }
        }
        return bytes(all);
    }

    private static List<byte[]> bytes(List<String> texts) {
        List<byte[]> bytes = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            bytes.add(texts.get(i).getBytes(StandardCharsets.UTF_8));
        }
        return bytes;
    }

    /// Ends a process that waits, and has not begun to do anything. To be called while the directory's lock is held.
    static void dismiss(Entry entry) throws IOException, InterruptedException {
        Turn turn = entry.turn();
        try (Alive waiter = turn == null || turn.begun() ? null : turn.find()) {
            if (waiter != null) {
                waiter.signal(Signal.KILL.number());
                Poller.shared().await(waiter.pidfd(), Poller.IN, LIMIT);
            }
        }
    }

    /// Whether a process waits for the next run.
    static boolean delays(Entry entry) throws IOException {
        Turn turn = entry.turn();
        try (Alive waiter = turn == null || turn.begun() || !turn.delays() ? null : turn.find()) {
            return waiter != null;
        }
    }

    /// Whether one that does not run will, unless something is done about it: a process waits for that, or is at it.
    static boolean isAgain(Entry entry) throws IOException {
        Turn turn = entry.turn();
        AfterEnd wishes = AfterEnd.of(entry);
        if (turn == null || wishes == null || wishes.removes() || entry.folder().has(Entry.STOPPED)) {
            return false;
        }
        Status status = entry.status();
        boolean success = status != null && !status.signalled() && status.code() == 0;
        try (Alive waiter = turn.find()) {
            return waiter != null && (turn.delays() || wishes.policy().again(success, turn.restarts()));
        }
    }

    /// Notes what could not be done.
    static void noteFailure(Entry entry, Exception why) {
        String text = DetachedNames.printable(String.valueOf(why.getMessage() == null ? why : why.getMessage()));
        try {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            entry.folder().write(Entry.FAILED, bytes.length > LONGEST ? java.util.Arrays.copyOf(bytes, LONGEST) : bytes);
        } catch (IOException e) {
            why.addSuppressed(e); // the command prints it to its log
        }
    }

    /// What could not be done, or else what the command has printed.
    ///
    /// @return null if there is nothing
    static @Nullable String problem(Entry entry) throws IOException {
        byte[] failed = entry.folder().read(Entry.FAILED, LONGEST);
        if (failed != null) {
            return new String(failed, StandardCharsets.UTF_8);
        }
        byte[] said = entry.folder().readHead(Entry.AFTER_LOG, LONGEST);
        String text = said == null ? "" : new String(said, StandardCharsets.UTF_8).strip();
        return text.isEmpty() ? null : DetachedNames.printable(text);
    }
}
