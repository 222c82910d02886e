// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.dolium.launch.LaunchedProcess;
import org.dolium.launch.Launcher;
import org.dolium.linux.Errno;
import org.dolium.process.LaunchException;
import org.dolium.seccomp.SupervisedCalls;
import org.jspecify.annotations.Nullable;

/// A checked, immutable description of a container, which can be started many times; each start is a container of its
/// own. Made by [ContainerBuilder#build].
public final class ContainerSpec {
    private static final int ATTEMPTS = 100;
    private static final Redirect NOTHING = Redirect.from(new java.io.File("/dev/null"));

    final Blueprint blueprint;
    final Redirect input;
    private final Redirect output;
    private final Redirect error;
    final boolean mergeError;
    final boolean hasTerminal;
    final boolean openStdin;
    private final boolean isSystem;
    private final @Nullable OutputWishes wishes;
    private final byte @Nullable [] inputBytes;
    private final int captureLimit;
    final Duration startTimeout;
    final List<String> reductions;
    private final @Nullable Interception interception;
    final List<Holding> holdings;
    final Remarks remarks;
    final ExecBasis execBasis;
    private final List<Consumer<? super ContainerEvent>> listeners;

    ContainerSpec(ContainerBuilder builder, Blueprint blueprint, List<String> reductions) {
        this.reductions = List.copyOf(reductions);
        this.blueprint = blueprint;
        this.interception = builder.interception == null ? null : builder.interception.copy();
        this.input = builder.input;
        this.output = builder.output;
        this.error = builder.error;
        this.mergeError = builder.mergeError;
        this.hasTerminal = builder.terminal != null;
        this.openStdin = builder.openStdin;
        this.isSystem = builder.booted != null;
        this.wishes = builder.wishes == null ? null : builder.wishes.copy();
        this.inputBytes = builder.inputBytes;
        this.captureLimit = builder.captureLimit;
        this.startTimeout = builder.startTimeout;
        this.holdings = List.copyOf(builder.holdings);
        this.remarks = Remarks.of(builder);
        this.execBasis = ExecBasis.of(builder, blueprint);
        this.listeners = List.copyOf(builder.listeners);
    }

    /// Starts a container and returns when its command runs; see [ContainerBuilder#start].
    public Container start() throws IOException, InterruptedException {
        return begin(false);
    }

    /// Sets a container up and does not run its command; see [ContainerBuilder#prepare].
    public Container prepare() throws IOException, InterruptedException {
        return begin(true);
    }

    /// Starts a container that is run again when it ends; see [ContainerBuilder#supervise].
    ///
    /// @param each is told each container when it runs, also the first, and must not take long
    public Supervised supervise(RestartPolicy policy, Consumer<? super Container> each) throws IOException, InterruptedException {
        return Supervised.start(this, policy, each);
    }

    private Container begin(boolean waiting) throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                return beginOnce(waiting, true);
            } catch (LaunchException e) {
                checkWorthAnotherTry(e, attempt);
            }
        }
    }

    /// @param reads whether it reads for consumers; else who collects its output does
    private Container beginOnce(boolean waiting, boolean reads) throws IOException, InterruptedException {
        Container container = launch(input, false, waiting);
        try {
            if (waiting) {
                container.waiting();
            }
            listen(container);
            if (waiting) {
                container.launched().awaitReady(startTimeout);
            } else {
                container.launched().awaitStarted(startTimeout);
                container.begun();
            }
            if (reads) {
                container.readOutput();
            }
            return container;
        } catch (IOException | InterruptedException | RuntimeException e) {
            try {
                container.close();
            } catch (IllegalStateException also) {
                e.addSuppressed(also);
            }
            throw e;
        }
    }

    private void listen(Container container) throws IOException {
        for (int i = 0; i < listeners.size(); i++) {
            container.onEvent(listeners.get(i));
        }
    }

    /// Starts a container, waits for its end and collects its output; see [ContainerBuilder#run].
    public Result run() throws IOException, InterruptedException {
        return runFor(null);
    }

    /// As [#run()], but kills the container when `timeout` has passed.
    public Result run(Duration timeout) throws IOException, InterruptedException {
        return runFor(timeout);
    }

    private Result runFor(@Nullable Duration timeout) throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                return runOnce(timeout);
            } catch (LaunchException e) {
                checkWorthAnotherTry(e, attempt);
            }
        }
    }

    /// A path with `..`, for instance in a link, can't be resolved inside a root while anything is mounted or renamed on
    /// the machine, as other containers do all the time; see openat2(2), EAGAIN. The command has not run then.
    static void checkWorthAnotherTry(LaunchException failure, int attempt) throws LaunchException {
        if (attempt == ATTEMPTS || !failure.errno().equals(Errno.EAGAIN) || !failure.call().startsWith("openat2(")) {
            throw failure;
        }
    }

    private Result runOnce(@Nullable Duration timeout) throws IOException, InterruptedException {
        if (hasTerminal) {
            return runOnTerminal(timeout);
        }
        boolean silent = input.type() == Redirect.Type.PIPE && inputBytes == null;
        boolean here = listeners.isEmpty() && !Thread.currentThread().isVirtual();
        try (Container container = launch(silent ? NOTHING : input, here, false)) {
            if (!listeners.isEmpty()) {
                listen(container);
                container.launched().awaitStarted(startTimeout);
                container.begun();
            }
            if (inputBytes != null && input.type() == Redirect.Type.PIPE) {
                feed(container.process(), inputBytes);
            }
            return container.collect(timeout, captureLimit);
        }
    }

    /// The terminal is there when the command runs, and not before.
    private Result runOnTerminal(@Nullable Duration timeout) throws IOException, InterruptedException {
        try (Container container = beginOnce(false, false)) {
            feed(container.process(), inputBytes == null ? new byte[0] : inputBytes);
            return container.collect(timeout, captureLimit);
        }
    }

    /// Writes on a virtual thread: the command may write output before it has read all input.
    static void feed(Process process, byte[] bytes) {
        OutputStream stream = process.getOutputStream();
        Thread.ofVirtual().name("dolium-input").start(() -> {
            try (stream) {
                stream.write(bytes);
            } catch (IOException e) {
                // the command ended or closed its input before it had read everything, which is its right
            }
        });
    }

    private Container launch(Redirect in, boolean here, boolean waiting) throws IOException, InterruptedException {
        Stdio stdio = hasTerminal ? Stdio.ofTerminal(isSystem) : Stdio.open(in, output, error, mergeError);
        stdio.with(wishes, output, error, mergeError);
        Cleanup cleanup = new Cleanup();
        Supervision supervision = supervision();
        try (Prepared prepared = prepare(cleanup, stdio, supervision, waiting)) {
            LaunchedProcess process = launch(prepared, here);
            stdio.launched();
            ContainerTerminal terminal = stdio.terminal();
            if (isSystem && terminal != null) {
                process.exit().thenRun(terminal::letGo);
            }
            ContainerLayers layers = prepared.upper() == null ? null : blueprint.layers(prepared.upper(), remarks);
            Container container = new Container(process, stdio, cleanup, prepared.group(), supervision, reductions,
                    Confining.notReadable(blueprint.spec().confinement()), remarks, layers, execBasis);
            if (layers != null) {
                prepared.upper().record(process.pid(), layers);
            }
            return container;
        } catch (IOException | InterruptedException | RuntimeException e) {
            if (supervision != null) {
                supervision.close();
            }
            stdio.close();
            cleanup.run();
            throw e;
        }
    }

    private Prepared prepare(Cleanup cleanup, Stdio stdio, @Nullable Supervision supervision, boolean waiting)
            throws IOException, InterruptedException {
        for (int i = 0; i < holdings.size(); i++) {
            cleanup.add(holdings.get(i).hold());
        }
        return blueprint.prepare(
                cleanup, stdio.childEnds(), supervision == null ? null : supervision.owner(), stdio.terminal(), waiting);
    }

    private @Nullable Supervision supervision() {
        SupervisedCalls calls = blueprint.spec().supervised();
        return calls == null || interception == null ? null : new Supervision(calls, interception);
    }

    private static LaunchedProcess launch(Prepared prepared, boolean here) throws IOException, InterruptedException {
        try {
            return here ? Launcher.launchHere(prepared.request()) : Launcher.launch(prepared.request());
        } catch (IOException | InterruptedException | RuntimeException e) {
            prepared.group().abandon(e);
            throw e;
        }
    }

    /// Frees what was kept for further starts; another start makes it anew.
    void release() {
        blueprint.program().close();
    }

    /// The system calls that [#start] would make, as strace prints them, without making any: first those of the JVM for
    /// the cgroup, then those of the new process.
    public String explain() {
        return blueprint.explain();
    }

    /// What this host can't give although it would have been so elsewhere, one sentence each; never what was asked for
    /// expressly, which is an error. Empty for a privileged JVM.
    public List<String> reductions() {
        return reductions;
    }
}
