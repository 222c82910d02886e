// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.Network;
import org.dolium.container.Rootfs;
import org.dolium.process.LaunchException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium run`: runs a command in a new container and exits with its status.
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = "Runs a command in a new container: the host's root file system read-only, private /tmp, /proc,"
                + " /dev and namespaces, unless the options say otherwise.",
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

    @Option(names = "--rootfs", paramLabel = "DIR", description = "Root file system (default: the host's, read-only)")
    private @Nullable Path rootfs;

    @Option(names = "--read-only", description = "Never write to the root file system")
    private boolean readOnly;

    @Option(names = {"-v", "--volume"}, paramLabel = "SRC:DST[:ro]", description = "Bind a file or directory")
    private List<String> volumes = new ArrayList<>();

    @Option(names = "--tmpfs", paramLabel = "DST[:size=64m,…]", description = "Mount a file system in memory")
    private List<String> tmpfs = new ArrayList<>();

    @Option(names = {"-e", "--env"}, paramLabel = "NAME[=VALUE]", description = "Set an environment variable")
    private List<String> env = new ArrayList<>();

    @Option(names = "--env-file", paramLabel = "FILE", description = "Read environment variables from a file")
    private List<Path> envFiles = new ArrayList<>();

    @Option(names = {"-w", "--workdir"}, paramLabel = "DIR", description = "Working directory in the container")
    private @Nullable String workdir;

    @Option(names = {"-u", "--user"}, paramLabel = "USER[:GROUP]", description = "User, by name or number")
    private @Nullable String user;

    @Option(names = {"-h", "--hostname"}, paramLabel = "NAME", description = "Host name in the container")
    private @Nullable String hostname;

    @Option(names = {"--network", "--net"}, paramLabel = "MODE", description = "none, host or loopback (default)")
    private String network = "loopback";

    @Option(names = "--timeout", paramLabel = "TIME", description = "Kill the command after e.g. 90, 500ms, 30s, 5m, 1h")
    private @Nullable String timeout;

    @Option(names = "--explain", description = "Print what would be done, and start nothing")
    private boolean explain;

    @Parameters(paramLabel = "COMMAND", arity = "1..*", description = "The command and its arguments")
    private List<String> command = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        ContainerBuilder builder = builder();
        if (explain) {
            spec.commandLine().getOut().print(builder.explain());
            spec.commandLine().getOut().flush();
            return 0;
        }
        try {
            return timeout == null
                    ? builder.run().status().shellCode()
                    : builder.run(OptionText.duration(timeout)).status().shellCode();
        } catch (LaunchException e) {
            spec.commandLine().getErr().println("dolium: " + e.getMessage());
            spec.commandLine().getErr().flush();
            return status(e);
        }
    }

    private static int status(LaunchException failure) {
        if (!failure.call().startsWith("execve(")) {
            return Main.OWN_FAILURE;
        }
        return failure.errno().name().equals("ENOENT") ? NOT_FOUND : CANNOT_RUN;
    }

    private ContainerBuilder builder() throws IOException {
        ContainerBuilder builder = ContainerBuilder.create()
                .rootfs(root())
                .command(command)
                .network(network())
                .redirectInput(Redirect.INHERIT)
                .redirectOutput(Redirect.INHERIT)
                .redirectError(Redirect.INHERIT);
        if (workdir != null) {
            builder.workingDirectory(workdir);
        }
        if (user != null) {
            builder.user(user);
        }
        if (hostname != null) {
            builder.hostname(hostname);
        }
        for (Path file : envFiles) {
            OptionText.environmentFile(Files.readAllLines(file), file.toString(), builder);
        }
        for (String variable : env) {
            OptionText.environment(variable, builder);
        }
        for (String volume : volumes) {
            builder.mount(OptionText.volume(volume));
        }
        for (String mount : tmpfs) {
            OptionText.tmpfs(mount, builder);
        }
        return builder;
    }

    private Rootfs root() {
        return rootfs == null ? Rootfs.host() : new Rootfs.Directory(rootfs, readOnly);
    }

    private Network network() {
        return switch (network) {
            case "none" -> Network.none();
            case "host" -> Network.host();
            case "loopback" -> Network.loopback();
            default -> throw new IllegalArgumentException(
                    "unknown network '" + network + "': none, host or loopback");
        };
    }
}
