// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.dolium.container.Attachment;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.ContainerSpec;
import org.dolium.container.Containers;
import org.dolium.container.DetachedContainer;
import org.dolium.container.ExitStatus;
import org.dolium.container.RestartPolicy;
import org.dolium.process.LaunchException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `dolium run`: runs a command in a new container and exits with its status, or leaves it alone.
@Command(
        name = "run",
        usageHelpAutoWidth = true,
        customSynopsis = {"dolium run [OPTIONS] IMAGE [COMMAND] [ARGUMENTS]", "dolium run [OPTIONS] -- COMMAND [ARGUMENTS]"},
        description = "Runs a command in a new container: of an image, which is pulled if it is missing; or, after --, with the host's"
                + " root file system read-only. It has a private /tmp, /proc, /dev and namespaces, unless the options say otherwise.",
        exitCodeListHeading = "%nExit status: the command's own; 128+n if signal n ended it; and:%n",
        exitCodeList = {
            "124:the time limit was reached", "125:dolium itself failed", "126:the command can't be run",
            "127:the command was not found"
        })
final class RunCommand implements Callable<Integer> {
    static final int CANNOT_RUN = 126;
    static final int NOT_FOUND = 127;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = {"-d", "--detach"}, description = "Leave the container running, print its id and return; see dolium ps, logs, attach and stop")
    private boolean detach;

    @Option(names = "--cidfile", paramLabel = "FILE", description = "Write the id of a container with -d or -it to this file, which must not exist")
    private @Nullable Path cidfile;

    @Option(names = "--timeout", paramLabel = "TIME", description = "Kill the command after 90, 500ms, 30s, 5m or 1h; with -d at each of its runs")
    private @Nullable String timeout;

    @Option(names = "--explain", description = "Print the cgroups and the system calls of the launch, and start nothing")
    private boolean explain;

    private String whyNotDetached = "";

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StateOptions state = new StateOptions();

    @Mixin
    private ContainerOptions options = new ContainerOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (detach && !explain) {
            return detach();
        }
        if (options.isSession() && !explain) {
            Integer status = session();
            if (status != null) {
                return status;
            }
        }
        if (cidfile != null) {
            throw new ParameterException(spec.commandLine(), "only a container that goes on without 'dolium run' (-d, or -it) has an id for"
                    + " --cidfile" + (whyNotDetached.isEmpty() ? "" : ": " + whyNotDetached));
        }
        ContainerBuilder builder = builder();
        Duration limit = timeout == null ? null : OptionText.duration(timeout);
        UserTerminal terminal = options.terminal(builder);
        if (explain) {
            print(builder.build());
            return 0;
        }
        try {
            if (terminal != null && options.restart().when() != RestartPolicy.When.NEVER) {
                throw new ParameterException(spec.commandLine(), "what has a terminal (-t) can't be run again (--restart) yet");
            }
            ExitStatus end = new Foreground(builder, terminal, whyNotDetached, options.restart(), options.grace()).run(limit);
            return told(end);
        } catch (LaunchException e) {
            Main.report(spec.commandLine(), e);
            return status(e);
        }
    }

    private int told(ExitStatus end) {
        if (end instanceof ExitStatus.OutOfMemory) {
            options.tell("the container reached its memory limit, and the kernel killed the command");
        }
        return end.shellCode();
    }

    /// Starts a container that goes on when the user leaves it, or this JVM ends. One that the user has not left is removed at its end.
    ///
    /// @return null if it can't do without this JVM
    private @Nullable Integer session() throws IOException, InterruptedException {
        Containers containers;
        try {
            if (timeout != null || options.restart().when() != RestartPolicy.When.NEVER) {
                whyNotDetached = "--timeout and --restart need it";
                return null;
            }
            containers = state.open();
        } catch (IOException e) {
            whyNotDetached = String.valueOf(e.getMessage());
            return null;
        }
        try (UserTerminal user = options.terminal()) {
            Instant before = Instant.now();
            DetachedContainer container = new NewContainer(containers, options, null, cidfile).make((builder, noted) -> {
                user.open(); // not before an image was pulled, which Ctrl-C ends
                return containers.start(builder, noted);
            });
            Session.Outcome outcome;
            try (Attachment attached = container.attachSince(before)) {
                outcome = new Session(container, attached, user).run(false);
            }
            ExitStatus end = outcome.end();
            if (end == null) {
                return 0;
            }
            container.remove(false);
            return told(end);
        } catch (IllegalArgumentException e) {
            whyNotDetached = String.valueOf(e.getMessage()); // or it is what all containers are refused for
            return null;
        } catch (LaunchException e) {
            Main.report(spec.commandLine(), e);
            return status(e);
        }
    }

    private int detach() throws IOException, InterruptedException {
        options.checkDetached();
        Duration limit = timeout == null ? null : OptionText.duration(timeout);
        try {
            String id = new NewContainer(state.open(), options, limit, cidfile).start().id();
            spec.commandLine().getOut().println(id);
            spec.commandLine().getOut().flush();
            return 0;
        } catch (LaunchException e) {
            Main.report(spec.commandLine(), e);
            return status(e);
        }
    }

    private void print(ContainerSpec container) {
        PrintWriter out = spec.commandLine().getOut();
        for (String reduction : container.reductions()) {
            out.println("# " + reduction);
        }
        out.print(container.explain());
        out.flush();
    }

    /// What the options ask for.
    ContainerBuilder builder() throws IOException {
        return options.builder();
    }

    /// What Docker exits with when a command could not be started.
    static int status(LaunchException failure) {
        if (!failure.call().startsWith("execve(")) {
            return Main.OWN_FAILURE;
        }
        return failure.errno().name().equals("ENOENT") ? NOT_FOUND : CANNOT_RUN;
    }
}
