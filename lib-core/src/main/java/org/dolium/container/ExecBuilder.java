// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dolium.kernel.Fd;
import org.dolium.launch.LaunchRequest;
import org.dolium.launch.LaunchedProcess;
import org.dolium.launch.Launcher;
import org.dolium.launch.Program;
import org.dolium.plan.LaunchPlan;
import org.dolium.process.LaunchException;
import org.dolium.sandbox.ExecPlanner;
import org.jspecify.annotations.Nullable;

/// A further command in a running container: it gets what the container's own command has, and never more. Made by
/// [Container#exec] and [DetachedContainer#exec].
///
/// It runs in the container's namespaces and cgroup, with its capabilities, `no_new_privs`, filter of system calls, labels,
/// Landlock rules and limits, and an empty session keyring of its own. Its environment is the container's with
/// what is added here, and nothing of the JVM's. It ends with the container at the latest, and, but for [#startDetached], with the JVM.
///
/// ```java
/// String users = container.exec("psql", "-c", "select * from users").user("postgres").run().stdout();
/// ```
///
/// An object can be used several times, by one thread at a time.
public final class ExecBuilder {
    private static final int DEFAULT_CAPTURE = 16 << 20;
    private static final Redirect NOTHING = Redirect.from(new java.io.File("/dev/null"));

    final List<String> words;
    final Map<String, String> environment = new LinkedHashMap<>(0);
    @Nullable String user;
    @Nullable String workingDirectory;
    @Nullable TerminalSize terminal;
    /// What is launched instead of its own plan, in tests.
    @Nullable Program program;
    private final ExecTarget.Source source;
    Redirect input = Redirect.PIPE;
    Redirect output = Redirect.PIPE;
    Redirect error = Redirect.PIPE;
    private boolean mergeError;
    private byte @Nullable [] inputBytes;
    private int captureLimit = DEFAULT_CAPTURE;
    private Duration startTimeout = Duration.ofSeconds(30);

    ExecBuilder(ExecTarget.Source source, List<String> words) {
        this.source = source;
        this.words = List.copyOf(words);
    }

    /// Sets a variable of its environment, besides those of the container.
    public ExecBuilder env(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /// Sets variables of its environment, besides those of the container.
    public ExecBuilder env(Map<String, String> variables) {
        environment.putAll(variables);
        return this;
    }

    /// Who it is, as `name`, `uid`, `name:group` or `uid:gid`; the container's user if not called. Names are those of the root
    /// file system when the container was made. Root gets the capabilities that the container was made with, also where its own
    /// command is somebody else.
    public ExecBuilder user(String user) {
        this.user = user;
        return this;
    }

    /// Where it begins; the container's working directory if not called.
    public ExecBuilder workingDirectory(String path) {
        this.workingDirectory = path;
        return this;
    }

    /// As [ContainerBuilder#redirectInput(Redirect)].
    public ExecBuilder redirectInput(Redirect source) {
        this.input = source;
        return this;
    }

    /// As [ContainerBuilder#redirectOutput(Redirect)].
    public ExecBuilder redirectOutput(Redirect destination) {
        this.output = destination;
        return this;
    }

    /// As [ContainerBuilder#redirectError(Redirect)].
    public ExecBuilder redirectError(Redirect destination) {
        this.error = destination;
        return this;
    }

    /// As [ContainerBuilder#redirectErrorStream(boolean)].
    public ExecBuilder redirectErrorStream(boolean merge) {
        this.mergeError = merge;
        return this;
    }

    /// It uses the JVM's own standard streams.
    public ExecBuilder inheritIO() {
        return redirectInput(Redirect.INHERIT).redirectOutput(Redirect.INHERIT).redirectError(Redirect.INHERIT);
    }

    /// Gives it a terminal of 24 rows and 80 columns; see [#terminal(TerminalSize)].
    public ExecBuilder terminal() {
        return terminal(TerminalSize.standard());
    }

    /// Gives it a terminal of its own in the container's /dev/pts, in place of the three standard streams, as
    /// [ContainerBuilder#terminal(TerminalSize)] does for the container's command. [Execution#resize] changes its window. What runs in
    /// the container as the same user can open it.
    public ExecBuilder terminal(TerminalSize size) {
        this.terminal = size;
        return this;
    }

    /// What [#run] gives it on standard input.
    public ExecBuilder input(byte[] bytes) {
        this.inputBytes = bytes.clone();
        return this;
    }

    /// What [#run] gives it on standard input, in UTF-8.
    public ExecBuilder input(String text) {
        return input(text.getBytes(StandardCharsets.UTF_8));
    }

    /// How many bytes [#run] keeps of each output stream; 16 MiB if not called. The rest is read and dropped.
    public ExecBuilder captureLimit(MemorySize limit) {
        this.captureLimit = (int) Math.min(limit.bytes(), Integer.MAX_VALUE - 8);
        return this;
    }

    /// How long it may take until it runs; 30 s if not called. What runs in the container can delay that.
    public ExecBuilder startTimeout(Duration timeout) {
        this.startTimeout = timeout;
        return this;
    }

    /// Starts it and returns when it runs.
    ///
    /// @throws IllegalArgumentException listing every problem, before anything was done
    /// @throws IllegalStateException if the container has ended or is paused
    /// @throws org.dolium.process.LaunchException if a step failed; nothing is left of it then
    public Execution start() throws IOException, InterruptedException {
        return started(launch(input, output, error, Manner.STARTED));
    }

    /// Starts it in a [DetachedContainer] and returns when it runs; from then on it is the container's, and goes on when this JVM ends.
    /// Nobody learns how it ends. Where its streams were not redirected to files, it reads nothing and what it prints is lost. It can't
    /// have a terminal, which would be gone with this JVM.
    ///
    /// When this JVM has ended, who waits for it is who waits for orphans: the init of the JVM's pid namespace.
    ///
    /// @return its pid in the JVM's pid namespace
    /// @throws IllegalArgumentException listing every problem, before anything was done
    /// @throws IllegalStateException if the container has ended or is paused, or is one that ends with this JVM
    /// @throws org.dolium.process.LaunchException if a step failed; nothing is left of it then
    public long startDetached() throws IOException, InterruptedException {
        Execution execution = started(launch(apart(input), apart(output), apart(error), Manner.LASTING));
        execution.leave();
        return execution.pid();
    }

    private Redirect apart(Redirect stream) {
        if (stream.type() == Redirect.Type.INHERIT || terminal != null || inputBytes != null) {
            throw new IllegalArgumentException("a command that outlives this JVM can have nothing of it: no terminal, no input, and none of"
                    + " its standard streams");
        }
        return stream.type() == Redirect.Type.PIPE ? NOTHING : stream;
    }

    private Execution started(Execution execution) throws IOException, InterruptedException {
        try {
            execution.launched().awaitStarted(startTimeout);
            execution.register();
            return execution;
        } catch (LaunchException e) {
            execution.close();
            throw better(e, execution);
        } catch (IOException | InterruptedException | RuntimeException e) {
            try {
                execution.close();
            } catch (IllegalStateException also) {
                e.addSuppressed(also);
            }
            throw e;
        }
    }

    /// Starts it, waits for its end and collects its output. Who counts memory counts for the container as a whole, so the result
    /// has no [Result#peakMemory].
    ///
    /// @throws IllegalArgumentException listing every problem, before anything was done
    /// @throws IllegalStateException if the container has ended or is paused
    /// @throws org.dolium.process.LaunchException if a step failed; nothing is left of it then
    public Result run() throws IOException, InterruptedException {
        return runFor(null);
    }

    /// As [#run()], but kills it when `timeout` has passed.
    public Result run(Duration timeout) throws IOException, InterruptedException {
        return runFor(timeout);
    }

    private Result runFor(@Nullable Duration timeout) throws IOException, InterruptedException {
        boolean silent = terminal == null && input.type() == Redirect.Type.PIPE && inputBytes == null;
        boolean here = terminal == null && !Thread.currentThread().isVirtual();
        Execution execution = launch(silent ? NOTHING : input, output, error, here ? Manner.COLLECTED_HERE : Manner.COLLECTED);
        try (execution) {
            execution.register();
            if (terminal != null) { // which is there when the command runs, and not before
                execution.launched().awaitStarted(startTimeout);
                ContainerSpec.feed(execution.process(), inputBytes == null ? new byte[0] : inputBytes);
            } else if (inputBytes != null && input.type() == Redirect.Type.PIPE) {
                ContainerSpec.feed(execution.process(), inputBytes);
            }
            return execution.collect(timeout, startTimeout, captureLimit);
        } catch (LaunchException e) {
            throw better(e, execution);
        }
    }

    /// What fails because the container has just ended is told as that.
    private static LaunchException better(LaunchException e, Execution execution) {
        if (!execution.target().isAlive()) {
            throw new IllegalStateException("the container has ended", e);
        }
        return e;
    }

    /// Whose the command is, and which thread makes it.
    private enum Manner {
        STARTED, COLLECTED, COLLECTED_HERE, LASTING
    }

    private Execution launch(Redirect in, Redirect out, Redirect err, Manner manner) throws IOException, InterruptedException {
        ExecTarget target = source.enter();
        boolean launched = false;
        try {
            if (manner == Manner.LASTING && !target.isDetached()) {
                throw new IllegalStateException("the container is not detached: all that runs in it ends with this JVM");
            }
            target.checkRuns();
            Execution execution = launch(target, in, out, err, manner);
            launched = true;
            return execution;
        } finally {
            if (!launched) {
                target.left(null);
            }
        }
    }

    private Execution launch(ExecTarget target, Redirect in, Redirect out, Redirect err, Manner manner)
            throws IOException, InterruptedException {
        ExecPrograms.Key key = key(target.group());
        ExecPrograms programs = isSameAgain(target) ? target.programs() : null;
        Program kept = programs == null ? null : programs.take(key);
        Program compiled = program != null ? program : kept != null ? kept : Program.compile(plan(target, manner == Manner.LASTING));
        try {
            Stdio stdio = terminal == null ? Stdio.open(in, out, err, mergeError) : Stdio.ofTerminal(false);
            return launch(target, compiled, stdio, manner == Manner.COLLECTED_HERE, manner == Manner.COLLECTED_HERE || manner == Manner.COLLECTED);
        } finally {
            if (programs != null && compiled.isSealed()) { // what enters is seen in the container while it runs that file
                programs.keep(key, compiled);
            } else {
                compiled.close();
            }
        }
    }

    private static Execution launch(ExecTarget target, Program compiled, Stdio stdio, boolean here, boolean collected)
            throws IOException, InterruptedException {
        List<Fd> passed = new ArrayList<>();
        try {
            LaunchRequest request = ExecBasis.request(compiled, target, stdio, passed);
            LaunchedProcess process = here ? Launcher.launchHere(request) : Launcher.launch(request);
            stdio.launched();
            return new Execution(target, process, stdio, collected);
        } catch (IOException | InterruptedException | RuntimeException e) {
            stdio.close();
            target.checkRuns(); // says it better
            throw e;
        } finally {
            for (int i = 0; i < passed.size(); i++) {
                passed.get(i).close();
            }
        }
    }

    /// A container may get into further cgroups while it runs.
    private ExecPrograms.Key key(Group group) throws IOException {
        return new ExecPrograms.Key(
                words, Map.copyOf(environment), user, workingDirectory, terminal, ExecBasis.entry(group), group.intoBeside() != null);
    }

    /// Whether it would be the same another time. An OS container makes users itself.
    private boolean isSameAgain(ExecTarget target) {
        return program == null && (user == null || !target.basis().system());
    }

    private LaunchPlan plan(ExecTarget target, boolean lasting) throws IOException {
        return target.basis().plan(this, target, lasting);
    }

    LaunchPlan plan() throws IOException {
        if (program != null) {
            return program.plan();
        }
        ExecTarget target = source.enter();
        try {
            return plan(target, false);
        } finally {
            target.left(null);
        }
    }

    /// The system calls that [#start] would make, as strace prints them, without making any.
    ///
    /// @throws IllegalArgumentException listing every problem
    public String explain() throws IOException {
        return ExecPlanner.describeClone() + plan();
    }
}
