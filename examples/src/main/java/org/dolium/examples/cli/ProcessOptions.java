// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.container.ContainerBuilder;
import org.dolium.process.Rlimit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options about the command's process: environment, user, directory, limits.
final class ProcessOptions {
    @Option(
            names = {"-e", "--env"},
            paramLabel = "NAME[=VALUE]",
            description = "Set an environment variable; only NAME: with the value that it has here")
    private List<String> env = new ArrayList<>();

    @Option(names = "--env-file", paramLabel = "FILE", description = "Read environment variables from a file")
    private List<Path> envFiles = new ArrayList<>();

    @Option(names = {"-l", "--label"}, paramLabel = "NAME[=VALUE]", description = "Set a label; dolium ps --filter label= finds it")
    private List<String> labels = new ArrayList<>();

    @Option(names = {"-w", "--workdir"}, paramLabel = "DIR", description = "Working directory in the container")
    private @Nullable String workdir;

    @Option(
            names = {"-u", "--user"},
            paramLabel = "USER[:GROUP]",
            description = "User, by name or number (default: the image's, or 0)")
    private @Nullable String user;

    @Option(names = "--ulimit", paramLabel = "NAME=SOFT[:HARD]", description = "Set a resource limit, e.g. nofile=1024")
    private List<String> ulimits = new ArrayList<>();

    @Option(names = "--oom-score-adj", paramLabel = "N", description = "Who dies first without memory, -1000 to 1000")
    private @Nullable Integer oomScoreAdj;

    @Option(
            names = "--inject",
            paramLabel = "FAULT",
            description = "Let system calls fail or wait, as strace: fsync:error=EIO:when=10+10, read,write:delay_enter=20ms")
    private List<String> inject = new ArrayList<>();

    @Option(names = "--entrypoint", paramLabel = "WORD",
            description = "First word of the command, in place of the image's entry point and command; \"\" for none")
    private @Nullable String entrypoint;

    void apply(ContainerBuilder builder) throws IOException {
        if (entrypoint != null) {
            builder.entrypoint(entrypoint.isEmpty() ? List.of() : List.of(entrypoint));
        }
        for (Path file : envFiles) {
            EnvironmentText.file(file, builder::env);
        }
        for (String variable : env) {
            EnvironmentText.variable(variable, builder::env);
        }
        for (String label : labels) {
            int equals = label.indexOf('=');
            builder.label(equals < 0 ? label : label.substring(0, equals), equals < 0 ? "" : label.substring(equals + 1));
        }
        if (workdir != null) {
            builder.workingDirectory(workdir);
        }
        if (user != null) {
            builder.user(user);
        }
        for (String ulimit : ulimits) {
            builder.rlimit(Rlimit.parse(ulimit));
        }
        if (oomScoreAdj != null) {
            builder.oomScoreAdj(oomScoreAdj);
        }
        for (String fault : inject) {
            InjectText.apply(fault, builder);
        }
    }
}
