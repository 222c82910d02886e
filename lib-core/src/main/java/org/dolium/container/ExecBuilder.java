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
import org.dolium.files.ContainerFiles;
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
/// [Container#exec].
///
/// It runs in the container's namespaces and cgroup, with its capabilities, `no_new_privs`, filter of system calls, labels,
/// Landlock rules and limits, and an empty session keyring of its own. Its environment is the container's with
/// what is added here, and nothing of the JVM's. It ends with the container at the latest.
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
    private final Container container;
    private final ExecBasis basis;
    private final Group group;
    Redirect input = Redirect.PIPE;
    Redirect output = Redirect.PIPE;
    Redirect error = Redirect.PIPE;
    private boolean mergeError;
    private byte @Nullable [] inputBytes;
    private int captureLimit = DEFAULT_CAPTURE;
    private Duration startTimeout = Duration.ofSeconds(30);

    ExecBuilder(Container container, ExecBasis basis, Group group, List<String> words) {
        this.container = container;
        this.basis = basis;
        this.group = group;
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
        Execution execution = launch(input, false, false);
        try {
            execution.launched().awaitStarted(startTimeout);
            container.registered(execution);
            return execution;
        } catch (LaunchException e) {
            execution.close();
            throw better(e);
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
        if (terminal != null) {
            return runOnTerminal(timeout);
        }
        boolean silent = input.type() == Redirect.Type.PIPE && inputBytes == null;
        try (Execution execution = launch(silent ? NOTHING : input, !Thread.currentThread().isVirtual(), true)) {
            container.registered(execution);
            if (inputBytes != null && input.type() == Redirect.Type.PIPE) {
                ContainerSpec.feed(execution.process(), inputBytes);
            }
            return execution.collect(timeout, startTimeout, captureLimit);
        } catch (LaunchException e) {
            throw better(e);
        }
    }

    ContainerFiles files() {
        return container.files();
    }

    /// The terminal is there when the command runs, and not before.
    private Result runOnTerminal(@Nullable Duration timeout) throws IOException, InterruptedException {
        try (Execution execution = launch(input, false, true)) {
            container.registered(execution);
            execution.launched().awaitStarted(startTimeout);
            ContainerSpec.feed(execution.process(), inputBytes == null ? new byte[0] : inputBytes);
            return execution.collect(timeout, startTimeout, captureLimit);
        } catch (LaunchException e) {
            throw better(e);
        }
    }

    /// What fails because the container has just ended is told as that.
    private LaunchException better(LaunchException e) {
        if (!container.isAlive()) {
            throw new IllegalStateException("the container has ended", e);
        }
        return e;
    }

    private Execution launch(Redirect in, boolean here, boolean collected) throws IOException, InterruptedException {
        container.checkRuns();
        ExecPrograms.Key key = key();
        Program compiled = program == null ? compiled(key) : program;
        try {
            return launch(compiled, in, here, collected);
        } finally {
            if (isLasting() && compiled.isSealed()) { // what enters is seen in the container while it runs that file
                container.execPrograms().keep(key, compiled);
            } else {
                compiled.close();
            }
        }
    }

    private Execution launch(Program compiled, Redirect in, boolean here, boolean collected)
            throws IOException, InterruptedException {
        List<Fd> passed = new ArrayList<>();
        Stdio stdio = terminal == null ? Stdio.open(in, output, error, mergeError) : Stdio.ofTerminal(false);
        try {
            LaunchRequest request = ExecBasis.request(
                    compiled, basis.host(), stdio, container, group, passed);
            LaunchedProcess process = here ? Launcher.launchHere(request) : Launcher.launch(request);
            stdio.launched();
            return new Execution(container, process, stdio, group, collected);
        } catch (IOException | InterruptedException | RuntimeException e) {
            stdio.close();
            container.checkRuns(); // says it better
            throw e;
        } finally {
            for (int i = 0; i < passed.size(); i++) {
                passed.get(i).close();
            }
        }
    }

    /// A container may get into further cgroups while it runs.
    private ExecPrograms.Key key() throws IOException {
        return new ExecPrograms.Key(
                words, Map.copyOf(environment), user, workingDirectory, terminal, ExecBasis.entry(group), group.intoBeside() != null);
    }

    /// Whether it would be the same another time. An OS container makes users itself.
    private boolean isLasting() {
        return program == null && (user == null || !basis.system());
    }

    private Program compiled(ExecPrograms.Key key) throws IOException {
        Program known = isLasting() ? container.execPrograms().take(key) : null;
        return known == null ? Program.compile(plan()) : known;
    }

    LaunchPlan plan() throws IOException {
        return program != null
                ? program.plan()
                : basis.plan(this, ExecBasis.entry(group), group.intoBeside() != null);
    }

    /// The system calls that [#start] would make, as strace prints them, without making any.
    ///
    /// @throws IllegalArgumentException listing every problem
    public String explain() throws IOException {
        return ExecPlanner.describeClone() + plan();
    }
}
