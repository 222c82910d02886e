// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.ContainerSpec;
import org.dolium.container.ExitStatus;
import org.dolium.container.RestartPolicy;
import org.dolium.oci.Image;
import org.dolium.process.LaunchException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium run`: runs a command in a new container and exits with its status.
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
    private static final int CANNOT_RUN = 126;
    private static final int NOT_FOUND = 127;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--timeout", paramLabel = "TIME", description = "Kill the command after 90, 500ms, 30s, 5m or 1h")
    private @Nullable String timeout;

    @Option(names = "--explain", description = "Print the cgroups and the system calls of the launch, and start nothing")
    private boolean explain;

    @Option(names = "--rm", description = "Always so: nothing of a container remains")
    private boolean remove;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @ArgGroup(validate = false, heading = "%nStandard streams:%n")
    private StreamOptions streams = new StreamOptions();

    @ArgGroup(validate = false, heading = "%nFiles:%n")
    private FileOptions files = new FileOptions();

    @ArgGroup(validate = false, heading = "%nThe process:%n")
    private ProcessOptions process = new ProcessOptions();

    @ArgGroup(validate = false, heading = "%nBeginning and end:%n")
    private LifecycleOptions lifecycle = new LifecycleOptions();

    @ArgGroup(validate = false, heading = "%nLimits:%n")
    private LimitOptions limits = new LimitOptions();

    @ArgGroup(validate = false, heading = "%nIsolation:%n")
    private IsolationOptions isolation = new IsolationOptions();

    @Option(names = "--pull", paramLabel = "WHEN", description = "Pull the image always, missing (default) or never")
    private String pull = "missing";

    @ArgGroup(validate = false, heading = "%nImages:%n")
    private ImageOptions images = new ImageOptions();

    @Parameters(paramLabel = "COMMAND", arity = "1..*", description = "The image, or after -- or with --rootfs the command; and arguments")
    private List<String> command = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        ContainerBuilder builder = builder();
        Duration limit = timeout == null ? null : OptionText.duration(timeout);
        Attachment attachment = streams.apply(builder);
        if (explain) {
            print(builder.build());
            return 0;
        }
        try {
            if (attachment != null && lifecycle.restart().when() != RestartPolicy.When.NEVER) {
                throw new ParameterException(spec.commandLine(), "what has a terminal (-t) can't be run again (--restart) yet");
            }
            ExitStatus end = new Foreground(builder, attachment, lifecycle.restart(), lifecycle.grace()).run(limit);
            if (end instanceof ExitStatus.OutOfMemory) {
                tell("the container reached its memory limit, and the kernel killed the command");
            }
            return end.shellCode();
        } catch (LaunchException e) {
            Main.report(spec.commandLine(), e);
            return status(e);
        }
    }

    private void tell(String sentence) {
        spec.commandLine().getErr().println("dolium: " + sentence);
        spec.commandLine().getErr().flush();
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
        Image image = hasImage() ? images.get(command.get(0), pull, spec) : null;
        ContainerBuilder builder = image == null ? ContainerBuilder.create() : image.newContainer();
        files.apply(builder, image == null ? null : image.rootfs());
        List<String> words = image == null ? command : command.subList(1, command.size());
        if (!words.isEmpty()) {
            builder.command(words);
        }
        process.apply(builder);
        lifecycle.apply(builder);
        limits.apply(builder);
        isolation.apply(builder);
        isolation.notes().forEach(this::tell);
        return builder;
    }

    /// Whether the first word is an image, as for Docker: not where the root is known already, nor after `--`.
    private boolean hasImage() {
        List<String> line = spec.commandLine().getParseResult().originalArgs();
        int before = line.size() - command.size() - 1;
        boolean separated = before >= 0 && line.get(before).equals("--");
        return !files.hasRoot() && !isolation.isWithoutNamespaces() && !separated;
    }

    private static int status(LaunchException failure) {
        if (!failure.call().startsWith("execve(")) {
            return Main.OWN_FAILURE;
        }
        return failure.errno().name().equals("ENOENT") ? NOT_FOUND : CANNOT_RUN;
    }
}
