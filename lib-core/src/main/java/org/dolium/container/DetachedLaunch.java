// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.CgroupName;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.kernel.DirectoryCalls;
import org.dolium.kernel.Fd;
import org.dolium.launch.AttachSocket;
import org.dolium.launch.Detached;
import org.dolium.launch.Launcher;
import org.dolium.launch.MonitorFiles;
import org.dolium.launch.Parked;
import org.dolium.launch.Program;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.Namespaces;
import org.dolium.plan.Step;
import org.dolium.process.LaunchException;
import org.dolium.sandbox.MonitorPlanner;
import org.dolium.sandbox.Monitoring;
import org.dolium.sandbox.SandboxPlanner;
import org.dolium.state.Alive;
import org.dolium.state.Entry;
import org.dolium.state.GroupNote;
import org.dolium.state.Identity;
import org.dolium.state.Run;
import org.dolium.state.StateDirectory;
import org.dolium.state.StateFolder;
import org.jspecify.annotations.Nullable;

/// The start of a container that outlives this JVM. What is made on the way is written down before it is made, so that whoever
/// comes later can remove it if this JVM is killed.
final class DetachedLaunch {
    private static final String GROUP = "dolium-d-";
    private static final int O_APPEND = 0x400;
    private static final String WENT_PART = Entry.WENT + ".part";

    private final ContainerSpec spec;
    private final StateDirectory state;
    private final Entry entry;
    private final Fd lock;
    private final Identity identity;
    /// How long the log is that it continues.
    private long logged;
    /// What the monitor is to keep locked.
    private final List<Fd> kept = new ArrayList<>();

    /// @param entry its directory, whose `lock` the caller holds locked
    DetachedLaunch(ContainerSpec spec, StateDirectory state, Entry entry, Fd lock, Identity identity) {
        this.spec = spec;
        this.state = state;
        this.entry = entry;
        this.lock = lock;
        this.identity = identity;
    }

    /// What the cgroup of a container is called: nothing that is taken for the group of a JVM.
    static CgroupName groupName(String id) {
        return new CgroupName(GROUP + id);
    }

    /// Finds everything that can't do without this JVM.
    static void check(ContainerBuilder wanted, Namespaces namespaces, List<String> problems) {
        List<String> needed = new ArrayList<>();
        add(needed, wanted.interception != null, "handlers and faults of system calls");
        add(needed, !wanted.listeners.isEmpty(), "listeners to events");
        add(needed, wanted.wishes != null, "consumers, files and retained lines of output");
        add(needed, wanted.inputBytes != null, "input");
        boolean outputs = wanted.output.type() == Redirect.Type.PIPE && wanted.error.type() == Redirect.Type.PIPE;
        add(needed, !outputs, "redirected output, in place of its log");
        boolean held = true;
        for (int i = 0; i < wanted.holdings.size(); i++) {
            held &= !wanted.holdings.get(i).lockedDirectories().isEmpty();
        }
        add(needed, !held, "what only this JVM can keep from being removed");
        boolean source = wanted.input.type() == Redirect.Type.PIPE || wanted.input.type() == Redirect.Type.READ;
        add(needed, !source, "the JVM's standard input");
        if (wanted.openStdin && (wanted.input.type() == Redirect.Type.READ || wanted.terminal != null)) {
            problems.add("standard input can't be kept open if it is a file or a terminal");
        }
        for (int i = 0; i < needed.size(); i++) {
            problems.add("a detached container can't have " + needed.get(i));
        }
        if (!namespaces.isNew(NamespaceKind.PID)) {
            problems.add("a detached container must have a pid namespace of its own, whose end ends all that is in it");
        }
    }

    /// A container that has the state directory could change what is believed about all of them.
    ///
    /// @throws IllegalArgumentException if it would
    static void checkApart(ContainerBuilder wanted, Path state) throws IOException {
        Path own = state.toRealPath();
        List<Path> sources = new ArrayList<>();
        for (int i = 0; i < wanted.binds.size(); i++) {
            sources.add(wanted.binds.get(i).source());
        }
        if (wanted.rootfs instanceof Rootfs.Directory root) {
            sources.add(root.path());
        } else if (wanted.rootfs instanceof Rootfs.Overlay overlay) {
            sources.addAll(overlay.lower());
        } else if (wanted.rootfs instanceof Rootfs.Host && !own.startsWith("/run") && !own.startsWith("/tmp")) { // it has its own ones
            throw new IllegalArgumentException("the host's root file system in a container would give it the state directory '" + state
                    + "', which is neither below /run nor below /tmp");
        }
        for (int i = 0; i < sources.size(); i++) {
            Path source = Files.exists(sources.get(i)) ? sources.get(i).toRealPath() : sources.get(i).toAbsolutePath().normalize();
            if (source.startsWith(own) || own.startsWith(source)) {
                throw new IllegalArgumentException("'" + sources.get(i) + "' in a container would give it the state directory '" + state + "'");
            }
        }
    }

    private static void add(List<String> needed, boolean condition, String what) {
        if (condition) {
            needed.add(what);
        }
    }

    /// Starts it. If that fails, nothing is left but files in its directory.
    ///
    /// @return what is said about it from now on
    Identity perform() throws IOException, InterruptedException {
        Cleanup held = new Cleanup();
        try {
            logged = entry.logLength();
            for (int i = 0; i < spec.holdings.size(); i++) {
                held.add(spec.holdings.get(i).hold());
                lock(spec.holdings.get(i).lockedDirectories());
            }
            for (int attempt = 1; ; attempt++) {
                try {
                    return performOnce();
                } catch (LaunchException e) {
                    entry.forgetRun();
                    entry.cutLog(logged);
                    ContainerSpec.checkWorthAnotherTry(e, attempt);
                }
            }
        } finally {
            spec.blueprint.groupPlan().close();
            close(kept);
            held.run();
        }
    }

    private void lock(List<Path> directories) throws IOException {
        for (int i = 0; i < directories.size(); i++) {
            Fd directory = Fd.open(directories.get(i).toString(), DirectoryCalls.O_DIRECTORY | DirectoryCalls.O_NOFOLLOW, 0);
            kept.add(directory);
            if (!StateFolder.tryLock(directory, false)) {
                throw new IOException("'" + directories.get(i) + "' is about to be removed");
            }
        }
    }

    private static List<Fd> copies(List<Fd> fds) throws IOException {
        List<Fd> copies = new ArrayList<>(fds.size());
        for (int i = 0; i < fds.size(); i++) {
            copies.add(fds.get(i).copyAbove(0));
        }
        return copies;
    }

    private Identity performOnce() throws IOException, InterruptedException {
        UpperDirectory upper = upper();
        GroupPlan plan = spec.blueprint.groupPlan();
        List<String> place = plan.begin();
        if (!place.isEmpty()) {
            entry.group(note(place, plan.limits()));
        }
        List<Fd> owned = new ArrayList<>();
        List<Fd> lasting = new ArrayList<>(); // what the monitor keeps open: what it hands out comes first
        try {
            Fd @Nullable [] out = spec.hasTerminal ? null : pipe(owned);
            Fd @Nullable [] err = spec.hasTerminal || spec.mergeError ? null : pipe(owned);
            Fd input = input(owned, lasting);
            Fd output = out == null ? input : out[1];
            lasting.addAll(kept);
            try (Prepared prepared = spec.blueprint.prepare(upper, List.of(input, output, err == null ? output : err[1]), null, null, false)) {
                int counts = addCounts(prepared.group(), lasting, owned);
                return launch(prepared, out == null ? null : out[0], err == null ? null : err[0], lasting, counts, owned);
            }
        } finally {
            close(owned);
        }
    }

    /// What the command reads, until it has its terminal.
    private Fd input(List<Fd> owned, List<Fd> handedOut) throws IOException {
        Step.Monitor.Input kind = kind();
        if (kind != Step.Monitor.Input.NONE) {
            Fd socket = AttachSocket.create(entry.folder().fd(), Entry.ATTACH);
            owned.add(socket);
            handedOut.add(socket);
        }
        if (kind == Step.Monitor.Input.PIPE) {
            Fd[] pipe = pipe(owned);
            handedOut.add(pipe[1]);
            return pipe[0];
        }
        Fd input = Fd.open(source(), kind == Step.Monitor.Input.TERMINAL ? DirectoryCalls.O_RDWR : 0, 0);
        owned.add(input);
        return input;
    }

    private Step.Monitor.Input kind() {
        if (spec.hasTerminal) {
            return Step.Monitor.Input.TERMINAL;
        }
        return spec.openStdin ? Step.Monitor.Input.PIPE : Step.Monitor.Input.NONE;
    }

    private Identity launch(Prepared prepared, @Nullable Fd out, @Nullable Fd err, List<Fd> lasting, int counts, List<Fd> owned)
            throws IOException, InterruptedException {
        Instant begin = Instant.now(); // before all that it prints; see RunLog
        try (Program monitor = Program.compile(MonitorPlanner.plan(spec.blueprint.host(), monitoring(prepared, lasting.size(), counts)));
                Fd log = logged == 0 ? null : entry.folder().tryFile(Entry.LOG, DirectoryCalls.O_RDWR | O_APPEND);
                MonitorFiles files = MonitorFiles.create(
                        entry.folder().fd().copyAbove(0), lock.copyAbove(0), log, out, err, copies(lasting));
                Detached detached = Launcher.launchDetached(prepared.request(), monitor, files)) {
            close(owned);
            spec.blueprint.groupPlan().keep(detached.monitorPid());
            detached.awaitStarted(spec.startTimeout);
            entry.folder().write(WENT_PART, new byte[0]);
            Run run = run(detached, prepared.group(), begin);
            entry.exec(new ExecRecord(entry.id(), run.pid(), run.birth(), Surroundings.here(), spec.execBasis.complete()).bytes());
            noteRun(run);
            UpperDirectory upper = prepared.upper();
            if (upper != null) {
                upper.record(detached.pid(), spec.blueprint.layers(upper, spec.remarks));
            }
            Identity started = release(detached);
            entry.folder().rename(WENT_PART, Entry.WENT);
            prepared.group().release();
            return started;
        } catch (IOException | InterruptedException | RuntimeException e) {
            prepared.group().abandon(e);
            throw e;
        }
    }

    /// What waits for the container's end is let go first: if this JVM is killed before the other, it removes what is left.
    private Identity release(Detached detached) throws IOException, InterruptedException {
        Follower follower = Follower.of(state.path(), entry);
        if (follower == null) {
            Identity started = noteStart();
            detached.release(spec.startTimeout);
            return started;
        }
        try (Parked parked = park(follower, detached)) {
            spec.blueprint.groupPlan().keep(parked.pid());
            Identity started = noteStart();
            parked.release(spec.startTimeout);
            detached.release(spec.startTimeout);
            parked.keep();
            return started;
        } catch (IOException | InterruptedException | RuntimeException e) {
            undo(follower, e);
            throw e;
        }
    }

    /// Both are children that nobody has waited for: their pids are their own.
    private Parked park(Follower follower, Detached detached) throws IOException, InterruptedException {
        try (Alive monitor = Alive.find(detached.monitorPid(), Alive.birth(detached.monitorPid()));
                Alive first = Alive.find(detached.pid(), Alive.birth(detached.pid())); // its monitor has not waited for it yet
                Fd _ = state.lock()) {
            if (monitor == null || first == null) {
                throw new IOException("the monitor of the container, process " + detached.monitorPid() + ", has ended: it was killed");
            }
            return follower.awaitEnd(monitor.pidfd(), first.pidfd());
        }
    }

    private void undo(Follower follower, Exception why) {
        try (Fd _ = state.lock()) {
            follower.undo();
        } catch (IOException | RuntimeException e) {
            why.addSuppressed(e);
        }
    }

    /// Who wishes its end looks for its processes under the same lock: from now on they are found.
    private void noteRun(Run run) throws IOException {
        try (Fd _ = state.lock()) {
            if (entry.folder().has(Entry.STOPPED)) {
                throw new IOException("the container was stopped while it was started");
            }
            entry.run(run);
        }
    }

    /// If the cgroup goes with its last process: the file that the monitor writes to what that has counted, and those that tell of it.
    ///
    /// @return how many tell
    private int addCounts(Group group, List<Fd> lasting, List<Fd> owned) throws IOException {
        List<Fd> counts = spec.blueprint.groupPlan().counts(group);
        owned.addAll(counts);
        if (!counts.isEmpty()) {
            Fd counted = entry.makeCounted(counts.size() * Step.Monitor.COUNTS_LENGTH);
            owned.add(counted);
            lasting.add(counted);
            lasting.addAll(counts);
        }
        return counts.size();
    }

    private Identity noteStart() throws IOException {
        try (Fd _ = state.lock()) {
            Identity now = entry.identity(); // it may have been renamed meanwhile
            Identity started = (now == null ? identity : now)
                    .started(spec.blueprint.spec().command().words(), spec.remarks.labels());
            entry.identity(started);
            return started;
        }
    }

    private Monitoring monitoring(Prepared prepared, int lasting, int counts) {
        return new Monitoring(
                prepared.request().passed().size(), SandboxPlanner.cloneFlags(spec.blueprint.spec()),
                prepared.request().cgroup() != null, identity.logBytes(), identity.logFiles(), kind(), lasting, counts,
                logged);
    }

    private Run run(Detached detached, Group group, Instant begin) throws IOException {
        List<String> reductions = group.notInForce();
        reductions.addAll(0, spec.reductions);
        return new Run(
                detached.pid(), Alive.birth(detached.pid()), detached.monitorPid(), Alive.birth(detached.monitorPid()),
                Alive.pidNamespace(), begin, spec.blueprint.spec().init(), spec.remarks.stopSignal().number(),
                Confining.notReadable(spec.blueprint.spec().confinement()), reductions);
    }

    /// @param limits those in force
    static GroupNote note(List<String> address, Limits limits) {
        Limit.MemoryMax memory = limits.find(Limit.MemoryMax.class);
        Limit.SwapMax swap = limits.find(Limit.SwapMax.class);
        return new GroupNote(address, memory == null ? 0 : memory.bytes(), swap == null ? -1 : swap.bytes());
    }

    private @Nullable UpperDirectory upper() throws IOException {
        Path parent = spec.blueprint.diskUpper();
        if (parent == null) {
            return null;
        }
        Path path = UpperDirectory.lastingPath(parent, entry.id());
        if (!path.equals(Settling.upper(entry))) {
            Settling.removeUpper(entry); // it was elsewhere before
        }
        entry.folder().write(Entry.UPPER, path.toString().getBytes(StandardCharsets.UTF_8));
        return UpperDirectory.lasting(path);
    }

    private String source() {
        File file = spec.input.file();
        return file == null ? "/dev/null" : file.getAbsolutePath();
    }

    private static Fd[] pipe(List<Fd> owned) throws IOException {
        Fd[] pipe = Fd.pipe();
        owned.add(pipe[0]);
        owned.add(pipe[1]);
        return pipe;
    }

    private static void close(List<Fd> fds) {
        for (int i = 0; i < fds.size(); i++) {
            fds.get(i).close();
        }
    }
}
