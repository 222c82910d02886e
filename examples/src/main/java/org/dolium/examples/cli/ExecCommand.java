// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.container.DetachedContainer;
import org.dolium.container.DetachedState;
import org.dolium.container.ExecBuilder;
import org.dolium.container.Execution;
import org.dolium.container.ExitStatus;
import org.dolium.process.LaunchException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium exec`: a further command in a running container.
@Command(
        name = "exec",
        usageHelpAutoWidth = true,
        customSynopsis = "dolium exec [OPTIONS] CONTAINER COMMAND [ARGUMENTS]",
        description = "Runs a further command in a container that runs (dolium run -d), confined as that is, and exits with its status."
                + " It ends with dolium, but for -d.",
        exitCodeListHeading = "%nExit status: the command's own; 128+n if signal n ended it; and:%n",
        exitCodeList = {
            "1:there is no such container, it does not run, or it is paused", "125:the options are wrong, or the command could not be"
                + " started", "126:the command can't be run, or the directory not be entered", "127:the command or the directory was not found"
        })
final class ExecCommand implements ContainerVerb {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = {"-d", "--detach"},
            description = "Leave the command running and return; it reads nothing, and what it prints is lost")
    private boolean detach;

    @Option(names = "--detach-keys", paramLabel = "KEYS",
            description = "Keys for detaching (default: ctrl-p,ctrl-q). A command can't be detached from: dolium says so")
    private String detachKeys = "ctrl-p,ctrl-q";

    @Option(names = {"-e", "--env"}, paramLabel = "NAME[=VALUE]",
            description = "Set an environment variable besides the container's; only NAME: with the value that it has here")
    private List<String> env = new ArrayList<>();

    @Option(names = "--env-file", paramLabel = "FILE", description = "Read environment variables from a file")
    private List<Path> envFiles = new ArrayList<>();

    @Option(names = {"-i", "--interactive"}, description = "Pass standard input through; without it there is none")
    private boolean interactive;

    @Option(names = "--privileged", description = "Docker's, refused: a command never has more than its container")
    private boolean privileged;

    @Option(names = {"-t", "--tty"}, description = "Give the command a terminal; with -i it is used from the one that dolium runs in")
    private boolean tty;

    @Option(names = {"-u", "--user"}, paramLabel = "USER[:GROUP]", description = "User, by name or number (default: the container's)")
    private @Nullable String user;

    @Option(names = {"-w", "--workdir"}, paramLabel = "DIR", description = "Working directory (default: the container's)")
    private @Nullable String workdir;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StateOptions state = new StateOptions();

    @Parameters(index = "0", paramLabel = "CONTAINER", description = "Its name, its id, or the beginning of its id")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String wanted;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "COMMAND", description = "The command and its arguments")
    private List<String> command = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (privileged) {
            throw new ParameterException(spec.commandLine(), "--privileged would give the command more than the container has");
        }
        if (detach && tty) {
            throw new ParameterException(spec.commandLine(), "a command that is left running (-d) can't have a terminal (-t), which ends with dolium");
        }
        DetachedContainer container = Found.running(state.open(), wanted);
        if (container.state() == DetachedState.PAUSED) {
            throw new IOException("Container " + container.id() + " is paused, unpause the container before exec");
        }
        try {
            return run(builder(container));
        } catch (LaunchException e) {
            Main.report(spec.commandLine(), e);
            return status(e);
        }
    }

    /// As Docker it does not tell a directory from a command.
    private static int status(LaunchException failure) {
        if (!failure.call().startsWith("chdir(")) {
            return RunCommand.status(failure);
        }
        return failure.errno().name().equals("ENOENT") ? RunCommand.NOT_FOUND : RunCommand.CANNOT_RUN;
    }

    private ExecBuilder builder(DetachedContainer container) throws IOException {
        ExecBuilder builder = container.exec(command);
        for (Path file : envFiles) {
            EnvironmentText.file(file, builder::env);
        }
        for (String variable : env) {
            EnvironmentText.variable(variable, builder::env);
        }
        if (user != null) {
            builder.user(user);
        }
        if (workdir != null) {
            builder.workingDirectory(workdir);
        }
        return builder;
    }

    private int run(ExecBuilder builder) throws IOException, InterruptedException {
        if (detach) {
            builder.startDetached();
            return 0;
        }
        if (tty) {
            return onTerminal(builder);
        }
        builder.inheritIO();
        if (!interactive) {
            builder.redirectInput(Redirect.from(Path.of("/dev/null").toFile()));
        }
        try (Execution execution = builder.start()) {
            return execution.waitFor().shellCode();
        }
    }

    private int onTerminal(ExecBuilder builder) throws IOException, InterruptedException {
        try (UserTerminal terminal = UserTerminal.of(interactive, DetachKeys.parse(detachKeys))) {
            terminal.open();
            try (Execution execution = builder.terminal(terminal.size()).start()) {
                terminal.connect(OwnStreams.of(execution));
                ExitStatus end = execution.waitFor();
                terminal.awaitOutput();
                return end.shellCode();
            }
        }
    }
}
