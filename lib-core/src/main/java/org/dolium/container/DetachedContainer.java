// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.Stats;
import org.dolium.cgroup.host.Accounts;
import org.dolium.files.ContainerFiles;
import org.dolium.kernel.Fd;
import org.dolium.launch.AttachSocket;
import org.dolium.security.SecurityReport;
import org.dolium.state.Alive;
import org.dolium.state.End;
import org.dolium.state.Entry;
import org.dolium.state.Identity;
import org.dolium.state.LogTape;
import org.dolium.state.Run;
import org.dolium.state.StateDirectory;
import org.dolium.state.Status;
import org.dolium.state.Turn;
import org.dolium.state.Wishes;
import org.jspecify.annotations.Nullable;

/// A container that does not end with the JVM that started it; see [Containers].
///
/// It holds nothing open and need not be closed. What it tells of the container's state is asked anew each time; the name, command and
/// labels are those of the time when it was found, or changed through it. Whether a process is still the container's is
/// told by its time of birth, so a pid that was given to another is never touched. Methods may be called from any thread.
///
/// If it was removed, methods that ask for its state throw a [java.nio.file.NoSuchFileException].
public final class DetachedContainer {
    private static final Duration FREEZE_LIMIT = Duration.ofSeconds(10);
    private static final Duration KILL_LIMIT = Duration.ofSeconds(30);
    private static final Duration FOREVER = Duration.ofDays(100_000);
    private static final long LOCK_NANOS = 2_000_000_000L;
    private static final long LOCK_PAUSE = 5;

    private final Containers home;
    private volatile Identity identity;

    DetachedContainer(Containers home, Identity identity) {
        this.home = home;
        this.identity = identity;
    }

    /// 64 hexadecimal digits, drawn at random.
    public String id() {
        return identity.id();
    }

    /// The first 12 of them.
    public String shortId() {
        return id().substring(0, DetachedNames.SHORT);
    }

    public String name() {
        return identity.name();
    }

    /// The command and its arguments.
    public List<String> command() {
        return identity.command();
    }

    /// What [ContainerBuilder#label] said.
    public Map<String, String> labels() {
        return identity.labels();
    }

    /// When it was made.
    public Instant created() {
        return identity.created();
    }

    private Entry entry(StateDirectory state) throws IOException {
        Entry entry = state.entry(id());
        if (entry == null) {
            throw new java.nio.file.NoSuchFileException(home.directory() + "/containers/" + id(), null, "the container was removed");
        }
        return entry;
    }

    /// See [ContainerSpec#reductions], of the last start.
    public List<String> reductions() throws IOException {
        Run run = run();
        return run == null ? List.of() : run.reductions();
    }

    private @Nullable Run run() throws IOException {
        try (StateDirectory state = home.open();
                Entry entry = entry(state)) {
            return entry.run();
        }
    }

    /// What [DetachedOptions#note] or [#note(String, byte[])] stored.
    public Optional<byte[]> note(String key) throws IOException {
        try (StateDirectory state = home.open();
                Entry entry = entry(state)) {
            return Optional.ofNullable(entry.note(DetachedNames.checkName(key), DetachedOptions.LONGEST_NOTE));
        }
    }

    /// Stores bytes with the container, in place of what was stored with the key before; at once and as a whole.
    public void note(String key, byte[] bytes) throws IOException {
        try (StateDirectory state = home.open();
                Entry entry = entry(state);
                Fd _ = state.lock()) {
            entry.note(DetachedNames.checkNote(key, bytes), bytes);
        }
    }

    public DetachedState state() throws IOException {
        try (StateDirectory state = home.open();
                Entry entry = entry(state);
                Running running = Running.find(entry)) {
            if (entry.status() != null) { // its monitor may not be waited for yet, and somebody may settle its end
                return DetachedState.EXITED;
            }
            if (running != null && (running.monitor() != null || !running.ended())) {
                return running.isPaused() ? DetachedState.PAUSED : DetachedState.RUNNING;
            }
            boolean over = running != null || !entry.isLocked(); // who settles its end holds the lock
            return over && entry.folder().has(Entry.WENT) ? DetachedState.LOST : DetachedState.CREATED;
        }
    }

    /// The pid of its first process in the JVM's pid namespace, as long as it runs.
    public OptionalLong pid() throws IOException {
        try (StateDirectory state = home.open();
                Entry entry = entry(state);
                Running running = Running.find(entry)) {
            return running == null || running.ended() ? OptionalLong.empty() : OptionalLong.of(running.pid());
        }
    }

    /// The pid of its monitor, as long as that lives.
    public OptionalLong monitorPid() throws IOException {
        try (StateDirectory state = home.open();
                Entry entry = entry(state);
                Running running = Running.find(entry)) {
            Alive monitor = running == null ? null : running.monitor();
            return monitor == null ? OptionalLong.empty() : OptionalLong.of(monitor.pid());
        }
    }

    /// How often it was started.
    public long starts() throws IOException {
        try (StateDirectory state = home.open();
                Entry entry = entry(state)) {
            Identity now = entry.identity();
            return now == null ? 0 : now.starts();
        }
    }

    /// How often it was run again after an end, since it was last started by a caller; see [AfterEnd].
    public long restarts() throws IOException {
        Turn turn = turn();
        return turn == null ? 0 : turn.restarts();
    }

    private @Nullable Turn turn() throws IOException {
        try (StateDirectory state = home.open();
                Entry entry = entry(state)) {
            return entry.turn();
        }
    }

    /// Whether it has ended and is about to be run again, now or after a pause; see [AfterEnd].
    public boolean isRestarting() throws IOException {
        DetachedState now = state();
        try (StateDirectory state = home.open();
                Entry entry = entry(state)) {
            return now != DetachedState.RUNNING && now != DetachedState.PAUSED && Follower.isAgain(entry);
        }
    }

    /// Whether its end was wished since it was started: by [#stop], [#kill], or an attempt to remove it.
    public boolean wasStopped() throws IOException {
        try (StateDirectory state = home.open();
                Entry entry = entry(state)) {
            return entry.folder().has(Entry.STOPPED);
        }
    }

    /// What could not be done after its end, or what the command has printed that is executed then; see [AfterEnd].
    public Optional<String> problem() throws IOException {
        try (StateDirectory state = home.open();
                Entry entry = entry(state)) {
            return Optional.ofNullable(Follower.problem(entry));
        }
    }

    /// What is to happen at its end.
    public Optional<AfterEnd> afterEnd() throws IOException {
        try (StateDirectory state = home.open();
                Entry entry = entry(state)) {
            return Optional.ofNullable(AfterEnd.of(entry));
        }
    }

    /// Changes what is to happen at its end, also of the run that is under way; a time limit is one of later runs. The command is what is
    /// executed from the next start on, and where a run is under way that nobody follows: to be renewed where a JDK was moved.
    ///
    /// @throws IOException if nobody can follow the run that is under way: what was to happen before stays
    public void afterEnd(AfterEnd wanted) throws IOException, InterruptedException {
        try (StateDirectory state = home.open();
                Entry entry = entry(state);
                Fd _ = state.lock();
                Running running = Running.find(entry)) {
            Wishes before = entry.wishes();
            entry.wishes(wanted.wishes());
            Alive monitor = running == null ? null : running.monitor();
            if (monitor != null) {
                watch(entry, monitor, before);
            }
        }
    }

    private void watch(Entry entry, Alive monitor, @Nullable Wishes before) throws IOException, InterruptedException {
        try {
            Follower.watch(home.directory(), entry, monitor);
        } catch (IOException | InterruptedException | RuntimeException e) {
            try {
                entry.wishes(before);
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    /// When it was started the last time.
    public Optional<Instant> started() throws IOException {
        Run run = run();
        return run == null ? Optional.empty() : Optional.of(run.started());
    }

    /// When it ended; nothing while it runs, or if nobody knows.
    public Optional<Instant> finished() throws IOException {
        try (StateDirectory state = home.open();
                Entry entry = entry(state)) {
            Status status = entry.status();
            return status == null ? Optional.empty() : Optional.of(status.ended());
        }
    }

    /// How many bytes of output could not be written to the log, because the disk was full; known when it has ended.
    public long lostLogBytes() throws IOException {
        try (StateDirectory state = home.open();
                Entry entry = entry(state)) {
            Status status = entry.status();
            return status == null ? 0 : status.lostLogBytes();
        }
    }

    /// How the command ended; nothing while it runs, or if nobody knows: see [DetachedState#LOST].
    public Optional<ExitStatus> exitStatus() throws IOException {
        try (StateDirectory state = home.open();
                Entry entry = entry(state)) {
            return Optional.ofNullable(exitStatus(state, entry));
        }
    }

    private static @Nullable ExitStatus exitStatus(StateDirectory state, Entry entry) throws IOException {
        Status status = entry.status();
        if (status == null) {
            return null;
        }
        Run run = entry.run();
        boolean init = run != null && run.init();
        ExitStatus known = Settling.status(entry, status, entry.end(), init);
        try {
            return Settling.status(entry, status, settle(state, entry), init);
        } catch (java.nio.file.NoSuchFileException e) {
            return known; // it was removed meanwhile
        }
    }

    /// @return null if it is started again
    private static @Nullable End settle(StateDirectory state, Entry entry) throws IOException {
        long end = System.nanoTime() + LOCK_NANOS;
        while (true) {
            End known = entry.end();
            if (known != null) {
                return known;
            }
            try (Fd _ = state.lock();
                    Fd lock = entry.tryLock()) {
                if (lock != null) {
                    return end(entry);
                }
            }
            if (System.nanoTime() > end) {
                return null;
            }
            LockSupport.parkNanos(LOCK_PAUSE * 1_000_000); // who only asks whether it is locked has it for a moment
        }
    }

    private static End end(Entry entry) throws IOException {
        try {
            return Settling.end(entry);
        } catch (IOException e) {
            End noted = entry.end(); // on a full disk nothing can be noted: the next one counts again
            return noted == null ? Settling.count(entry) : noted; // only its cgroup is still there, which the next one removes
        }
    }

    /// Starts it, if it does not run: for the first time after [Containers#create], or once more. Id, name, notes and log stay. What it
    /// wrote to its root file system is there again if its upper layer is on disk in the same place.
    ///
    /// @param builder what it is to be, which the caller knows; command and labels are taken from it
    /// @throws IllegalStateException if it runs
    public void start(ContainerBuilder builder) throws IOException, InterruptedException {
        start(builder, null);
    }

    /// The same after its end, unless it is stopped or somebody else is at it meanwhile.
    ///
    /// @param ticket see [org.dolium.state.Turn]
    void startAgain(ContainerBuilder builder, String ticket) throws IOException, InterruptedException {
        start(builder, ticket);
    }

    private void start(ContainerBuilder builder, @Nullable String ticket) throws IOException, InterruptedException {
        ContainerSpec spec = home.build(builder, id());
        try (StateDirectory state = home.open();
                Entry entry = entry(state);
                Fd lock = lockStopped(state, entry)) {
            if (!begin(state, entry, ticket)) {
                return;
            }
            Identity now = stay(state, entry);
            if (entry.status() != null) {
                Settling.end(entry); // if the start fails nobody can count any more
            }
            Settling.removeGroup(entry);
            Map<String, byte[]> last = entry.lastRun();
            entry.prepareStart(now.logBytes(), now.logFiles());
            long logged = entry.logLength();
            try {
                identity = new DetachedLaunch(spec, state, entry, lock, now).perform();
                entry.folder().remove(Entry.FAILED);
            } catch (IOException | InterruptedException | RuntimeException e) {
                notStarted(state, entry, now, last, logged, e);
                throw e;
            }
        } finally {
            spec.release();
        }
    }

    /// @return whether it is to be started
    private static boolean begin(StateDirectory state, Entry entry, @Nullable String ticket) throws IOException, InterruptedException {
        try (Fd _ = state.lock()) {
            if (ticket == null) {
                Follower.dismiss(entry);
                entry.forgetTurn();
                return true;
            }
            Turn turn = entry.turn();
            return turn != null && turn.ticket().equals(ticket) && !entry.folder().has(Entry.STOPPED);
        }
    }

    /// From here on the files of its last run go, which told that it was more than a start that was never finished.
    private static Identity stay(StateDirectory state, Entry entry) throws IOException {
        try (Fd _ = state.lock()) {
            Identity now = entry.identity();
            if (now == null) {
                throw new java.nio.file.NoSuchFileException(entry.folder().toString(), null, "the container was removed");
            }
            if (!now.kept()) {
                now = now.staying();
                entry.identity(now);
            }
            return now;
        }
    }

    /// How it ended before is told as if nothing had been tried.
    private static void notStarted(
            StateDirectory state, Entry entry, Identity before, Map<String, byte[]> last, long logged, Exception why) {
        try (Fd _ = state.lock()) {
            entry.forgetRun();
            if (logged > 0) {
                entry.cutLog(logged);
            }
            Identity now = entry.identity();
            entry.identity(now == null ? before : before.named(now.name()));
            Settling.removeGroup(entry);
            entry.lastRun(last);
        } catch (IOException | RuntimeException e) {
            why.addSuppressed(e);
        }
    }

    /// Takes the lock of a container that does not run. Who only asks whether it is locked has it for a moment.
    private Fd lockStopped(StateDirectory state, Entry entry) throws IOException, InterruptedException {
        long end = System.nanoTime() + LOCK_NANOS;
        while (true) {
            try (Fd _ = state.lock()) {
                Fd lock = entry.tryLock();
                if (lock != null) {
                    return lock;
                }
            }
            boolean runs;
            try (Running running = Running.find(entry)) {
                runs = running != null && running.monitor() != null;
            }
            if (runs || System.nanoTime() > end) {
                throw new IllegalStateException("container " + name() + " runs");
            }
            Thread.sleep(LOCK_PAUSE);
        }
    }

    /// Waits for its end.
    ///
    /// @throws IllegalStateException if it was never started
    /// @throws IOException if nobody knows how it ended
    public ExitStatus waitFor() throws IOException, InterruptedException {
        return waitFor(FOREVER).orElseThrow(() -> new IOException("container " + name() + " still runs"));
    }

    /// As [#waitFor()], but no longer than `timeout`.
    ///
    /// @return nothing if it still runs
    public Optional<ExitStatus> waitFor(Duration timeout) throws IOException, InterruptedException {
        try (StateDirectory state = home.open();
                Entry entry = entry(state);
                Running running = Running.find(entry)) {
            if (running != null && !running.awaitEnd(timeout)) {
                return Optional.empty();
            }
            return Optional.of(ended(state, entry, running));
        }
    }

    /// How one ended that does not run.
    ///
    /// @param waitedFor the run whose end is meant, or null for the last
    private ExitStatus ended(StateDirectory state, Entry entry, @Nullable Running waitedFor) throws IOException {
        Run before = entry.run();
        ExitStatus status = exitStatus(state, entry);
        Run run = entry.run(); // read after the status: if it is the same, the status is its
        if (status != null && run == null && entry.identity() == null) {
            run = before; // it was removed when its status was known
        }
        if (waitedFor != null && !waitedFor.run().equals(run)) {
            throw new IOException("container " + name() + " was started again, or removed, before it could be asked how it had ended");
        }
        if (status != null) {
            return status;
        }
        if (run == null) {
            throw new IllegalStateException("container " + name() + " was not started");
        }
        throw new IOException("nobody knows how container " + name() + " ended: its monitor was killed");
    }

    /// What [#stop(Duration)] sends: [ContainerBuilder#stopSignal].
    public Signal stopSignal() throws IOException {
        Run run = run();
        return run == null ? Signal.TERM : new Signal(run.stopSignal());
    }

    /// Asks the command to end with [#stopSignal]; see [#stop(Signal, Duration)].
    public Stopped stop(Duration grace) throws IOException, InterruptedException {
        return stop(stopSignal(), grace);
    }

    /// Asks the command to end with `signal`, and kills the whole container when `grace` has passed. One that is paused goes on, so
    /// that it can end. Afterwards nothing of it runs any more. One that has ended already tells how.
    ///
    /// @throws IllegalStateException if it was never started
    /// @throws IOException if it does not even end by `SIGKILL`, or nobody knows how it ended
    public Stopped stop(Signal signal, Duration grace) throws IOException, InterruptedException {
        try (StateDirectory state = home.open();
                Entry entry = entry(state);
                Running running = stopping(state, entry)) {
            boolean forced = running != null && end(entry, running, signal, grace);
            return new Stopped(ended(state, entry, running), forced);
        }
    }

    /// Keeps it from being run again after an end, until somebody starts it; see [AfterEnd]. One that runs goes on.
    public void stayEnded() throws IOException, InterruptedException {
        try (StateDirectory state = home.open();
                Entry entry = entry(state)) {
            wishEnd(state, entry);
        }
    }

    /// Notes that its end is wished and looks for its processes, both at once: who is about to run it again heeds that, or they are found.
    /// Whoever heeds it has given up when this returns, and how it ended before is known again.
    private static @Nullable Running stopping(StateDirectory state, Entry entry) throws IOException, InterruptedException {
        Running running;
        try (Fd _ = state.lock()) {
            wishEnd(entry);
            running = Running.find(entry);
        }
        long end = System.nanoTime() + KILL_LIMIT.toNanos();
        while (running == null && entry.status() == null && entry.isLocked() && System.nanoTime() < end) {
            Thread.sleep(LOCK_PAUSE);
            running = Running.find(entry);
        }
        return running;
    }

    private static void wishEnd(StateDirectory state, Entry entry) throws IOException, InterruptedException {
        try (Fd _ = state.lock()) {
            wishEnd(entry);
        }
    }

    /// Nobody runs it again until somebody starts it. The caller holds the lock of the directory.
    private static void wishEnd(Entry entry) throws IOException, InterruptedException {
        markStopped(entry);
        if (Follower.delays(entry)) {
            Follower.dismiss(entry);
        }
    }

    private static void markStopped(Entry entry) throws IOException {
        try {
            entry.mark(Entry.STOPPED);
        } catch (org.dolium.linux.ErrnoException e) {
            if (entry.wishes() != null) {
                throw e;
            } // the disk is full, and nobody would run it again anyway
        }
    }

    /// @return whether it had to be killed
    private boolean end(Entry entry, Running running, Signal signal, Duration grace) throws IOException, InterruptedException {
        boolean atOnce = signal.equals(Signal.KILL);
        running.group(); // opened before it ends, as it may be gone then
        boolean sent = send(entry, running, signal);
        boolean forced = atOnce ? sent : !running.awaitEnd(grace);
        if (forced && !atOnce) {
            send(entry, running, Signal.KILL);
        }
        running.group().kill();
        if (!running.awaitEnd(KILL_LIMIT)) {
            throw new IOException("container " + name() + " did not end within " + KILL_LIMIT + " of SIGKILL: it hangs in the kernel");
        }
        return forced;
    }

    /// Sends a signal, and lets a paused container go on if it is to end.
    private static boolean send(Entry entry, Running running, Signal signal) throws IOException {
        if (signal.equals(Signal.KILL) && !running.ended()) {
            try {
                entry.mark(Entry.KILLED);
            } catch (IOException e) {
                // on a full disk it is ended all the same; if memory was lacking before, that is told as the cause
            }
        }
        boolean sent = running.signal(signal);
        new Pausing(running.group(), running::ended).letGo();
        return sent;
    }

    /// Sends a signal to the command; see [Container#kill]. After `SIGKILL` and [#stopSignal] it is not run again; see [AfterEnd].
    ///
    /// @return whether it was there to get it
    public boolean kill(Signal signal) throws IOException {
        try (StateDirectory state = home.open();
                Entry entry = entry(state);
                Running running = signalling(state, entry, signal)) {
            if (running == null) {
                return false;
            }
            return signal.equals(Signal.KILL) ? send(entry, running, signal) : running.signal(signal);
        }
    }

    /// As [#stopping], where a signal wishes the end of one that runs.
    private static @Nullable Running signalling(StateDirectory state, Entry entry, Signal signal) throws IOException {
        try (Fd _ = state.lock()) {
            Running running = Running.find(entry);
            try {
                if (running != null && (signal.equals(Signal.KILL) || signal.number() == running.run().stopSignal())) {
                    markStopped(entry);
                }
                return running;
            } catch (IOException | RuntimeException e) {
                if (running != null) {
                    running.close();
                }
                throw e;
            }
        }
    }

    private Running running(Entry entry) throws IOException {
        Running running = Running.find(entry);
        if (running == null) {
            throw new IllegalStateException("container " + name() + " does not run");
        }
        return running;
    }

    /// See [Container#pause()].
    public void pause() throws IOException, InterruptedException {
        try (StateDirectory state = home.open();
                Entry entry = entry(state);
                Running running = running(entry)) {
            new Pausing(running.group(), running::ended).pause(FREEZE_LIMIT);
        }
    }

    /// See [Container#resume()].
    public void resume() throws IOException, InterruptedException {
        try (StateDirectory state = home.open();
                Entry entry = entry(state);
                Running running = running(entry)) {
            new Pausing(running.group(), running::ended).resume(FREEZE_LIMIT);
        }
    }

    /// What it uses now.
    ///
    /// @throws IllegalStateException if it does not run, or has no cgroup
    public Stats stats() throws IOException {
        try (StateDirectory state = home.open();
                Entry entry = entry(state);
                Running running = running(entry)) {
            return Accounts.read(running.group().required(), OwnNetwork.traffic(running.pid(), () -> !running.ended()));
        }
    }

    /// Changes limits while it runs; see [Container#update]. The list of devices can't be changed.
    public void update(Limits limits) throws IOException {
        try (StateDirectory state = home.open();
                Entry entry = entry(state);
                Fd _ = state.lock();
                Running running = running(entry)) {
            running.update(limits);
        }
    }

    /// Its files; see [Container#files].
    ///
    /// @throws IllegalStateException if it does not run
    public ContainerFiles files() throws IOException {
        try (StateDirectory state = home.open();
                Entry entry = entry(state);
                Running running = running(entry)) {
            return running.files();
        }
    }

    /// A further command in it, to be started; see [ExecBuilder]. It is confined as the container is, whoever has started that.
    ///
    /// It lives as long as this JVM, unless it is started by [ExecBuilder#startDetached]. Starting it throws an [IllegalStateException] if the
    /// container does not run or is paused, and an [IOException] if this JVM can't make a process that has no more rights than the
    /// container: where it is in other namespaces than the JVM that started that, has more groups which it can't give up, or is not
    /// under the same filters and labels. Names of users are those of the root file system when the container was started.
    ///
    /// @param words the command and its arguments; without a slash in its name it is looked for in the `PATH` that it gets
    public ExecBuilder exec(String... words) {
        return exec(List.of(words));
    }

    /// As [#exec(String...)].
    public ExecBuilder exec(List<String> words) {
        return new ExecBuilder(this::enter, words);
    }

    private ExecTarget enter() throws IOException {
        try (StateDirectory state = home.open();
                Entry entry = entry(state)) {
            return FoundContainer.enter(entry, toString());
        }
    }

    /// The directories that its root file system is made of, also after it has ended: what it has changed can be seen and kept. Only
    /// with [Rootfs.Overlay#upperOnDisk], and after it was started.
    public Optional<ContainerLayers> layers() throws IOException {
        try (StateDirectory state = home.open();
                Entry entry = entry(state)) {
            Path upper = Settling.upper(entry);
            return upper == null ? Optional.empty() : Optional.ofNullable(LayerRecord.at(upper));
        }
    }

    /// What confines the command now, read back from the kernel.
    ///
    /// @throws IllegalStateException if it does not run
    public SecurityReport security() throws IOException {
        try (StateDirectory state = home.open();
                Entry entry = entry(state);
                Running running = running(entry)) {
            boolean init = running.run().init();
            long command = CommandPid.of(running.pid(), init);
            SecurityReport report = SecurityReport.of(command);
            if (running.ended() || CommandPid.of(running.pid(), init) != command) {
                throw new IOException("process " + command + " has ended"); // asked after the pid was used: it was still its own
            }
            return report.withAskedFor(running.run().askedFor());
        }
    }

    /// What it has printed.
    public ContainerLogs logs() {
        return new ContainerLogs(this);
    }

    /// Connects with its standard streams: with what it prints from now on, and with what it reads if it has a terminal or
    /// [ContainerBuilder#openStdin]. Any number of JVMs may do that at once; each sees all that is printed.
    ///
    /// @throws IOException also if its monitor does not answer: then it was stopped by a signal
    public Attachment attach() throws IOException, InterruptedException {
        return Attachment.of(this, null);
    }

    /// As [#attach], and with what it has printed since a time, as far as its log has that: for who has just started it.
    public Attachment attachSince(Instant time) throws IOException, InterruptedException {
        return Attachment.of(this, Objects.requireNonNull(time, "time"));
    }

    /// Where the monitor of this run is asked for what its command reads, or null if nobody can write that.
    @Nullable AttachSocket monitorSocket() throws IOException {
        try (StateDirectory state = home.open();
                Entry entry = entry(state)) {
            return AttachSocket.connect(entry.folder().fd(), Entry.ATTACH);
        }
    }

    LogTape openLog() throws IOException {
        try (StateDirectory state = home.open()) {
            return new LogTape(entry(state).folder(), identity.logFiles());
        }
    }

    /// Gives it another name.
    ///
    /// @throws IOException also if the name is another container's
    public void rename(String name) throws IOException {
        DetachedNames.checkName(name);
        try (StateDirectory state = home.open();
                Entry entry = entry(state);
                Fd _ = state.lock()) {
            Identity before = entry.identity();
            if (before == null) {
                throw new java.nio.file.NoSuchFileException(entry.folder().toString(), null, "the container was removed");
            }
            if (!state.claim(name, id())) {
                throw new IOException("the name '" + name + "' is that of container " + state.owner(name));
            }
            Identity now = before.named(name);
            entry.identity(now);
            if (!before.name().equals(name)) {
                state.release(before.name(), id());
            }
            identity = now;
        }
    }

    /// Deletes it with its log and with what it wrote to the disk.
    ///
    /// @param force whether one that runs is killed before
    /// @throws IllegalStateException if it runs and `force` is false
    public void remove(boolean force) throws IOException, InterruptedException {
        try (StateDirectory state = home.open();
                Entry entry = state.entry(id())) {
            if (entry == null) {
                return;
            }
            Fd lock;
            try {
                lock = force ? lockByForce(state, entry) : lockStopped(state, entry);
            } catch (java.nio.file.NoSuchFileException e) {
                return; // somebody else has just removed it
            }
            try (lock) {
                try (Fd _ = state.lock()) {
                    Follower.dismiss(entry);
                }
                Leftovers.remove(state, entry);
            }
        }
    }

    /// Somebody may be about to run it again.
    private Fd lockByForce(StateDirectory state, Entry entry) throws IOException, InterruptedException {
        long end = System.nanoTime() + KILL_LIMIT.toNanos();
        while (true) {
            killFor(state, entry);
            try {
                return lockStopped(state, entry);
            } catch (IllegalStateException e) {
                if (System.nanoTime() > end) {
                    throw e;
                }
            }
        }
    }

    private static @Nullable Running removing(StateDirectory state, Entry entry) throws IOException, InterruptedException {
        try {
            return stopping(state, entry);
        } catch (org.dolium.linux.ErrnoException e) {
            return Running.find(entry); // the disk is full, and soon it is gone
        }
    }

    private void killFor(StateDirectory state, Entry entry) throws IOException, InterruptedException {
        try (Running running = removing(state, entry)) {
            if (running != null) {
                end(entry, running, Signal.KILL, Duration.ZERO);
            }
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DetachedContainer container && container.id().equals(id())
                && container.home.directory().equals(home.directory());
    }

    @Override
    public int hashCode() {
        return id().hashCode();
    }

    @Override
    public String toString() {
        return "container " + name() + " (" + shortId() + ")";
    }
}
