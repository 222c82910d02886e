// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.time.Instant;
import org.dolium.container.ContainerLogs;
import org.dolium.container.DetachedContainer;
import org.dolium.container.LogReader;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium logs`: prints what a container has printed.
@Command(name = "logs", usageHelpAutoWidth = true, description = "Prints what a container has printed: its standard output to standard output, its standard error to standard error.")
final class LogsCommand implements ContainerVerb {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = {"-f", "--follow"}, description = "Go on until the container has ended")
    private boolean follow;

    @Option(names = {"-n", "--tail"}, paramLabel = "N", description = "Only the last lines (default: all)")
    private String tail = "all";

    @Option(names = "--since", paramLabel = "TIME", description = "Only lines since a time, as 2026-01-02T13:23:37Z, or for as long, as 42m")
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "TIME", description = "Only lines before a time")
    private @Nullable String until;

    @Option(names = {"-t", "--timestamps"}, description = "Print when a line was begun")
    private boolean timestamps;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StateOptions state = new StateOptions();

    @Parameters(paramLabel = "CONTAINER", description = "Its name, its id, or the beginning of its id")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String wanted;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Instant now = Instant.now();
        long lines = lines();
        DetachedContainer container = Found.find(state.open(), wanted);
        ContainerLogs logs = container.logs();
        logs = lines < 0 ? logs : logs.tail(lines);
        logs = since == null ? logs : logs.since(TimeText.parse("since", since, now));
        logs = until == null ? logs : logs.until(TimeText.parse("until", until, now));
        try (LogReader reader = (follow ? logs.follow() : logs).open()) {
            LogPrinter.toStandardStreams(timestamps).print(reader, follow);
            if (reader.missed()) {
                spec.commandLine().getErr().println("dolium: the log was written faster than it was read here: parts are missing");
                spec.commandLine().getErr().flush();
            }
        }
        return 0;
    }

    /// -1 for all.
    private long lines() {
        if (tail.equals("all") || tail.startsWith("-")) {
            return -1;
        }
        if (!tail.matches("[0-9]{1,18}")) {
            throw new ParameterException(spec.commandLine(), "invalid value for \"tail\": \"" + tail + "\" is no number");
        }
        return Long.parseLong(tail);
    }
}
