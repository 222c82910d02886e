// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.dolium.cgroup.CgroupEvent;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.Stats;
import org.dolium.files.ContainerFiles;
import org.dolium.launch.Exit;
import org.dolium.launch.LaunchedProcess;
import org.dolium.mount.Root;
import org.dolium.launch.ListenerOwner;
import org.dolium.process.LaunchException;
import org.dolium.security.SecurityReport;
import org.jspecify.annotations.Nullable;

/// A running container: a handle to its process and to everything that was made for it.
///
/// Closing it kills what still runs and frees everything; so does the end of the JVM, also by `kill -9`. All methods may
/// be called from any thread.
///
/// ```java
/// try (Container c = ContainerBuilder.create().rootfs(Rootfs.host()).command("cat").start()) {
///     c.process().outputWriter().append("hello\n").close();
///     System.out.println(c.process().inputReader().readLine());
/// }
/// ```
public final class Container implements AutoCloseable {
    private static final long KILL_SECONDS = 30;
    private static final Duration FREEZE_LIMIT = Duration.ofSeconds(10);
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final LaunchedProcess launched;
    private final Stdio stdio;
    private final Cleanup cleanup;
    private final ContainerProcess process;
    private final List<String> reductions;
    private final List<String> askedFor;
    private final Group group;
    private final @Nullable Supervision supervision;
    private final Remarks remarks;
    private final @Nullable ContainerLayers layers;
    private final boolean init;
    private final ExecBasis execBasis;
    private final Set<Execution> executions = new HashSet<>(0);
    private final ExecPrograms execPrograms = new ExecPrograms();
    private boolean closed;
    /// Whether the command was not told to run yet.
    private boolean waiting;
    private boolean begun;
    private @Nullable Events events;
    private boolean killed;
    private @Nullable ExitStatus status;
    private @Nullable Observation observation;
    private @Nullable Pausing pausing;

    Container(LaunchedProcess launched, Stdio stdio, Cleanup cleanup, Group group, @Nullable Supervision supervision,
            List<String> reductions, List<String> askedFor, Remarks remarks, @Nullable ContainerLayers layers,
            ExecBasis execBasis) {
        this.execBasis = execBasis;
        this.init = execBasis.spec().init();
        this.layers = layers;
        this.remarks = remarks;
        this.askedFor = askedFor;
        this.supervision = supervision;
        this.reductions = reductions;
        this.group = group;
        this.launched = launched;
        this.stdio = stdio;
        this.cleanup = cleanup;
        this.process = new ContainerProcess(launched, stdio);
    }

    /// The command as a [Process]: streams, `waitFor`, `onExit`, `toHandle`. Closing the container closes its streams.
    public Process process() {
        return process;
    }

    /// The pid of the command in the JVM's pid namespace, or of its init; see [ContainerBuilder#init].
    public long pid() {
        return launched.pid();
    }

    /// See [ContainerSpec#reductions]; and the limits that were preferred and turned out not to be in force.
    public List<String> reductions() {
        List<String> weaker = group.notInForce();
        weaker.addAll(0, reductions);
        return List.copyOf(weaker);
    }

    /// What [ContainerBuilder#label] said.
    public Map<String, String> labels() {
        return remarks.labels();
    }

    /// What [ContainerBuilder#exposedPort] said.
    public Set<String> exposedPorts() {
        return remarks.exposedPorts();
    }

    /// What [ContainerBuilder#healthCheck] said.
    public Optional<HealthCheck> healthCheck() {
        return Optional.ofNullable(remarks.healthCheck());
    }

    /// The directories that its root file system is made of, until it is closed, also after the command has ended: what it has changed
    /// can be seen and kept. Only with [Rootfs.Overlay#upperOnDisk]; what is written to memory can't be reached from outside.
    public Optional<ContainerLayers> layers() {
        return Optional.ofNullable(layers);
    }

    /// What its root file system is stacked on, if its writes go to memory; see [Rootfs.Overlay#upperInMemory].
    public Optional<LowerLayers> lowerLayers() {
        if (!(execBasis.spec().root() instanceof Root.Overlay overlay) || layers != null) {
            return Optional.empty();
        }
        List<Path> lower = new ArrayList<>(overlay.lower().size());
        for (int i = 0; i < overlay.lower().size(); i++) {
            lower.add(Path.of(overlay.lower().get(i)));
        }
        boolean shifted = overlay.passedFd() >= 0;
        return Optional.of(new LowerLayers(
                lower, shifted ? execBasis.spec().uidMaps() : null, shifted ? execBasis.spec().gidMaps() : null));
    }

    /// Its files, to be read, written and copied while it runs. Without a mount namespace of its own they are the host's, which this
    /// refuses to touch.
    public ContainerFiles files() {
        return ContainerFiles.ofProcess(launched.pid(), () -> launched.signal(0));
    }

    /// What [#stop(Duration)] sends.
    public Signal stopSignal() {
        return remarks.stopSignal();
    }

    /// Tells `consumer` the lines of standard output: those that are retained, then each that comes, also after the command's end
    /// and as long as the container is not closed. It runs on a virtual thread, never twice at once. While it does not come
    /// back, nothing more is read, neither for other consumers: a container that prints on must wait.
    ///
    /// @throws IllegalStateException if Dolium does not read the stream: see [ContainerBuilder#retainOutput] and
    ///     [ContainerBuilder#onStdoutLine]
    public Subscription followStdout(Consumer<? super String> consumer) {
        return follow(stdio.outPump(), "standard output", consumer);
    }

    /// As [#followStdout], for standard error.
    public Subscription followStderr(Consumer<? super String> consumer) {
        return follow(stdio.errPump(), "standard error", consumer);
    }

    private static Subscription follow(@Nullable OutputPump pump, String name, Consumer<? super String> consumer) {
        if (pump == null || !pump.hasLines()) {
            throw new IllegalStateException(name + " can't be followed: retainOutput() was not called");
        }
        return pump.follow(consumer);
    }

    /// Tells the terminal that its window has another size, and with that the programs on it, by `SIGWINCH`.
    ///
    /// @throws IllegalStateException if the container is closed or has no terminal
    public void resize(int rows, int columns) throws IOException {
        terminal().resize(new TerminalSize(rows, columns));
    }

    /// The size that the terminal has: what [ContainerBuilder#terminal] or [#resize] said, or what the command has set since.
    ///
    /// @throws IllegalStateException if the container is closed or has no terminal
    public TerminalSize terminalSize() {
        return terminal().size();
    }

    private ContainerTerminal terminal() {
        ContainerTerminal terminal = stdio.terminal();
        if (terminal == null) {
            throw new IllegalStateException("the container has no terminal");
        }
        return terminal;
    }

    /// What confines the command now, read back from the kernel.
    ///
    /// @throws IllegalStateException if the command has ended
    /// @throws IOException if it ends meanwhile
    public SecurityReport security() throws IOException {
        if (!isAlive()) {
            throw new IllegalStateException("the container has ended");
        }
        long command = command();
        SecurityReport report = SecurityReport.of(command);
        if (report.pid() != command || !launched.signal(0) || command() != command) {
            throw new IOException("process " + report.pid() + " has ended"); // asked after the pid was used: it was still its own
        }
        return report.withAskedFor(askedFor);
    }

    /// The pid of the command. That of an init's is the first of its children, as long as it lives.
    private long command() throws IOException {
        return CommandPid.of(launched.pid(), init && isStarted());
    }

    synchronized void waiting() {
        waiting = true;
    }

    /// Whether the command was told to run: not yet if the container comes from [ContainerBuilder#prepare].
    public synchronized boolean isStarted() {
        return !waiting;
    }

    /// Runs the command of a container that was only prepared, and returns when it runs; see [#start(Duration)].
    public void start() throws IOException, InterruptedException {
        start(START_LIMIT);
    }

    /// Runs the command of a container that was only prepared, and returns when it runs.
    ///
    /// @param timeout how long that may take
    /// @throws IllegalStateException if it was started or has ended before
    /// @throws org.dolium.process.LaunchException if the command can't be run; the container is closed then
    public void start(Duration timeout) throws IOException, InterruptedException {
        synchronized (this) {
            if (!waiting || !isAlive()) {
                throw new IllegalStateException(waiting ? "the container has ended" : "the container was started before");
            }
            waiting = false;
        }
        try {
            launched.proceed();
            launched.awaitStarted(timeout);
            begun();
        } catch (IOException | InterruptedException | RuntimeException e) {
            try {
                close();
            } catch (IllegalStateException also) {
                e.addSuppressed(also);
            }
            throw e;
        }
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /// How the command ended.
    ///
    /// @throws IllegalStateException if it still runs
    public ExitStatus exitStatus() {
        Exit exit = launched.exit().getNow(null);
        if (exit == null) {
            throw new IllegalStateException("the container still runs");
        }
        return status(exit);
    }

    /// Completes when the command has ended. Cancelling the returned future has no effect on the container.
    public CompletableFuture<ExitStatus> onExit() {
        return launched.onExit(this::status);
    }

    /// Waits for the end of the command.
    public ExitStatus waitFor() throws InterruptedException {
        process.waitFor();
        return exitStatus();
    }

    /// Waits for the end of the command, but no longer than `timeout`.
    ///
    /// @return nothing if it still runs
    public Optional<ExitStatus> waitFor(Duration timeout) throws InterruptedException {
        return process.waitFor(timeout) ? Optional.of(exitStatus()) : Optional.empty();
    }

    private synchronized ExitStatus status(Exit exit) {
        ExitStatus known = status;
        if (known == null) {
            known = Ending.status(exit, group, killed, init);
            status = known;
        }
        return known;
    }

    /// How it ended and what its cgroup counted until then. To be called before the group is removed.
    Ending ending(Exit exit) {
        return Ending.of(exit, status(exit), group);
    }

    /// A further command in this container, to be started; see [ExecBuilder].
    ///
    /// @param words the command and its arguments; without a slash in its name it is looked for in the `PATH` that it gets
    public ExecBuilder exec(String... words) {
        return exec(List.of(words));
    }

    /// As [#exec(String...)].
    public ExecBuilder exec(List<String> words) {
        return new ExecBuilder(new OwnContainer(this, execBasis, group), words);
    }

    ExecPrograms execPrograms() {
        return execPrograms;
    }

    /// The processes that are in it now, also those of further commands; as many as `most` of them. What a container makes of itself is
    /// not trusted: see [RunningProcess]. Without a cgroup they are the descendants of its commands.
    ///
    /// @throws IllegalStateException if it is closed
    public List<RunningProcess> processes(int most) throws IOException {
        List<Long> roots = new ArrayList<>();
        if (isAlive()) {
            roots.add(pid());
        }
        synchronized (executions) {
            for (Execution execution : executions) {
                if (execution.isAlive()) {
                    roots.add(execution.pid());
                }
            }
        }
        return ProcessTable.of(group, roots, most);
    }

    /// For what needs a container that does something.
    void checkRuns() throws IOException {
        if (!isAlive()) {
            throw new IllegalStateException("the container has ended");
        }
        if (!isStarted()) {
            throw new IllegalStateException("the container was not started yet");
        }
        if (isPaused()) {
            throw new IllegalStateException("the container is paused");
        }
    }

    /// Who answers the calls of a further command that wait for the JVM, or null if none do.
    @Nullable ListenerOwner listenerOwner() {
        return supervision == null ? null : supervision.owner();
    }

    /// Takes note of a command that is to end with this container.
    void registered(Execution execution) {
        synchronized (executions) {
            executions.add(execution);
            if (!closed) {
                return;
            }
        }
        execution.kill(Signal.KILL);
    }

    void forget(Execution execution) {
        synchronized (executions) {
            executions.remove(execution);
        }
    }

    /// Ends the further commands: where there is no pid namespace nobody else does.
    private void closeExecutions() {
        List<Execution> open;
        synchronized (executions) {
            closed = true;
            open = List.copyOf(executions);
        }
        for (int i = 0; i < open.size(); i++) {
            open.get(i).kill(Signal.KILL);
        }
        for (int i = 0; i < open.size(); i++) {
            open.get(i).closeWithContainer();
        }
    }

    /// Changes limits while the container runs. What is not mentioned stays as it is.
    ///
    /// @throws org.dolium.linux.UnsupportedHostException if one can't be put in force; those before it may be
    /// @throws IllegalStateException if the container has no cgroup
    public void update(Limits limits) throws IOException {
        group.update(limits);
    }

    /// What the container used and uses, now; also after its end, until it is closed.
    ///
    /// @throws IllegalStateException if the container is closed or has no cgroup
    public Stats stats() throws IOException {
        return observation().stats();
    }

    /// Tells `consumer` what the container uses: now, then every `interval`, and once more at its end. The consumer runs on
    /// a virtual thread, never twice at once; while it is busy, times are left out.
    ///
    /// @throws IllegalStateException if the container is closed or has no cgroup
    public Subscription stats(Duration interval, Consumer<? super Stats> consumer) {
        return observation().stream(interval, consumer);
    }

    /// Memory, processor time and tasks, to be read often; see [Usage].
    ///
    /// @throws IllegalStateException if the container is closed or has no cgroup
    public Usage usage() throws IOException {
        return observation().usage();
    }

    /// Tells `handler` what happens to the container, beginning with what has happened already. It runs on a virtual
    /// thread, never twice at once; one that takes its time holds nobody up. [ContainerBuilder#onEvent] misses nothing.
    ///
    /// What its cgroup tells, and pauses, are told only if it has one. On cgroup v2 the kernel tells of everything. On v1 it tells
    /// only when memory ran out; the rest is looked for four times in a second. There [CgroupEvent.Emptied], pauses and their ends
    /// come at once if there is a cgroup v2 hierarchy beside v1, else they are looked for too, and what lasted shorter may not
    /// be seen.
    ///
    /// @throws IllegalStateException if the container is closed
    public Subscription onEvent(Consumer<? super ContainerEvent> handler) throws IOException {
        if (group.isClosed()) {
            throw new IllegalStateException("the container is closed");
        }
        Events known = events();
        Events.Listener listener = known.add(handler);
        @Nullable Subscription resources = null;
        try {
            resources = group.cgroup() == null ? null : observation().events(listener::resources);
        } finally {
            if (resources == null && group.cgroup() != null) {
                known.forget(listener);
            }
        }
        known.catchUp(listener);
        @Nullable Subscription ofCgroup = resources;
        return new Subscription(() -> {
            known.forget(listener);
            if (ofCgroup != null) {
                ofCgroup.close();
            }
        });
    }

    private Events events() {
        Events made;
        synchronized (this) {
            if (events != null) {
                return events;
            }
            made = new Events(begun);
            events = made;
        }
        launched.onExit(exit -> {
            tellEnd(made, exit);
            return exit;
        });
        return made;
    }

    private synchronized @Nullable Events eventsIfAny() {
        return events;
    }

    /// The command runs.
    void begun() {
        Events told;
        synchronized (this) {
            begun = true;
            told = events;
        }
        if (told != null) {
            told.begun();
        }
    }

    private void tell(ContainerEvent event) {
        Events told = eventsIfAny();
        if (told != null) {
            told.tell(event);
        }
    }

    /// Tells that it has ended, after everything that came before.
    private void tellEnd(Events told, Exit exit) {
        try {
            launched.checkStarted();
            if (isStarted()) {
                told.begun();
            }
        } catch (LaunchException e) {
            // it never ran
        }
        Observation seen = observed();
        if (seen != null) {
            seen.look();
        }
        told.ended(status(exit));
    }

    /// Makes all processes of the container stand still, and returns when they do; see [#pause(Duration)].
    public void pause() throws IOException, InterruptedException {
        pause(FREEZE_LIMIT);
    }

    /// Makes all processes of the container stand still, and returns when they do. A second time does nothing. Meanwhile
    /// time limits go on and signals wait, except `SIGKILL`.
    ///
    /// @param deadline how long it may take
    /// @throws IOException if a process did not stop until then; the container goes on then
    /// @throws IllegalStateException if the container has ended or has no cgroup
    public void pause(Duration deadline) throws IOException, InterruptedException {
        if (!isAlive()) {
            throw new IllegalStateException("the container has ended");
        }
        pausing().pause(deadline);
        observation().look();
    }

    /// Lets a paused container go on; see [#resume(Duration)].
    public void resume() throws IOException, InterruptedException {
        resume(FREEZE_LIMIT);
    }

    /// Lets a paused container go on. Does nothing if it is not paused or has ended.
    ///
    /// @param deadline how long it may take
    /// @throws IOException if it did not go on until then
    /// @throws IllegalStateException if the container has no cgroup
    public void resume(Duration deadline) throws IOException, InterruptedException {
        Pausing paused = paused();
        if (paused != null && isAlive()) {
            paused.resume(deadline);
            observation().look();
        } else {
            group.required();
        }
    }

    /// Whether [#pause] has made it stand still.
    public boolean isPaused() throws IOException {
        Pausing paused = paused();
        return paused != null && isAlive() && paused.isPaused();
    }

    private synchronized Pausing pausing() {
        if (pausing == null) {
            pausing = new Pausing(group, launched::ended);
        }
        return pausing;
    }

    private synchronized @Nullable Pausing paused() {
        return pausing;
    }

    private synchronized Observation observation() {
        if (observation == null) {
            observation = new Observation(group, launched);
        }
        return observation;
    }

    /// Sends a signal to the command. The first process of a pid namespace ignores signals that it has no handler for,
    /// except `SIGKILL` and `SIGSTOP`; see pid_namespaces(7).
    ///
    /// @return whether the command was there to get it
    /// @throws IllegalStateException if it was not started yet, except for `SIGKILL`
    public boolean kill(Signal signal) {
        if (signal.equals(Signal.KILL)) {
            killedByUs();
        } else if (!isStarted() && isAlive()) {
            throw new IllegalStateException("the container was not started yet");
        }
        boolean sent = launched.signal(signal.number());
        if (sent) {
            tell(new ContainerEvent.Signalled(signal));
        }
        Pausing paused = paused();
        if (paused != null && signal.equals(Signal.KILL)) {
            paused.letDie();
        }
        return sent;
    }

    /// Asks the command to end with [ContainerBuilder#stopSignal]; see [#stop(Signal, Duration)].
    public Stopped stop(Duration grace) throws InterruptedException {
        return stop(remarks.stopSignal(), grace);
    }

    /// Asks the command to end with `signal`, and kills the whole container when `grace` has passed. One that is paused goes on,
    /// so that it can end; one that was not started is killed. When the command has ended, by itself or not, nothing of the container
    /// runs any more.
    ///
    /// @throws IllegalStateException if it hangs in the kernel and did not even end by `SIGKILL`
    public Stopped stop(Signal signal, Duration grace) throws InterruptedException {
        boolean atOnce = signal.equals(Signal.KILL) || !isStarted();
        boolean sent = kill(atOnce ? Signal.KILL : signal);
        Pausing paused = paused();
        if (paused != null) {
            paused.letGo();
        }
        boolean forced = atOnce ? sent : !process.waitFor(grace);
        if (forced) {
            kill(Signal.KILL);
        }
        group.kill(); // without a pid namespace of its own there may be others
        if (!process.waitFor(KILL_SECONDS, TimeUnit.SECONDS)) {
            throw hangs();
        }
        Events told = eventsIfAny();
        if (told != null && sent) {
            tellEnd(told, launched.exit().join());
            told.tell(new ContainerEvent.Stopped(forced));
        }
        return new Stopped(exitStatus(), forced);
    }

    /// Kills what still runs, waits for its end and frees everything. Closing twice does nothing.
    ///
    /// @throws IllegalStateException if a [SyscallHandler] of this container failed, afterwards
    @Override
    public void close() {
        if (isAlive()) {
            kill(Signal.KILL);
            group.kill(); // what outlived the command is killed when the group is removed
        }
        boolean interrupted = false;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(KILL_SECONDS);
        while (isAlive() && System.nanoTime() < deadline) {
            try {
                process.waitFor(1, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        closeExecutions();
        execPrograms.close();
        if (supervision != null) {
            supervision.close();
        }
        interrupted |= !tellRest();
        stdio.close();
        cleanup.run();
        IOException notRemoved = removeGroup();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (isAlive()) {
            throw hangs();
        }
        if (notRemoved != null) {
            throw new IllegalStateException("the cgroup of " + this + " could not be removed", notRemoved);
        }
        IllegalStateException failure = supervision == null ? null : supervision.failure();
        if (failure != null) {
            throw failure;
        }
    }

    private IllegalStateException hangs() {
        return new IllegalStateException("container with pid " + pid() + " did not end within " + KILL_SECONDS
                + " s of SIGKILL: it hangs in the kernel");
    }

    /// Lets consumers have what was printed until the end.
    ///
    /// @return false if it was interrupted
    private boolean tellRest() {
        try {
            if (!isAlive()) {
                stdio.awaitPumps();
            }
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    private synchronized void killedByUs() {
        killed = !launched.ended();
    }

    private synchronized @Nullable Observation observed() {
        return observation;
    }

    private @Nullable IOException removeGroup() {
        Exit exit = launched.exit().getNow(null);
        if (exit != null) {
            status(exit); // the last look at what the group counted
        }
        Events told = eventsIfAny();
        if (told != null && exit != null) {
            tellEnd(told, exit);
        }
        Observation observed = observed();
        try {
            if (observed != null) {
                observed.close();
            }
            group.close();
            if (observed != null) {
                observed.removed();
            }
            if (told != null) {
                told.closed();
            }
            return null;
        } catch (IOException e) {
            return e;
        }
    }

    /// Begins to read for those who want lines.
    void readOutput() {
        stdio.begin();
    }

    LaunchedProcess launched() {
        return launched;
    }

    /// Waits for the end while collecting output, for [ContainerBuilder#run].
    Result collect(@Nullable Duration timeout, int captureLimit) throws IOException, InterruptedException {
        return new Collector(launched, stdio, captureLimit, new Collector.End() {
            @Override
            public void kill() {
                Container.this.kill(Signal.KILL);
            }

            @Override
            public Ending of(Exit exit) {
                return ending(exit);
            }
        }).collect(timeout);
    }

    @Override
    public String toString() {
        return "container " + pid() + " (" + (!isAlive() ? exitStatus().toString() : isStarted() ? "running" : "prepared") + ")";
    }
}
