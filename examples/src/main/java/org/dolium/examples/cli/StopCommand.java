// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium stop`: ends containers.
@Command(name = "stop", usageHelpAutoWidth = true, description = "Asks commands to end, by the stop signals of their containers, and kills what has not ended in time.")
final class StopCommand implements ContainerVerb {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = {"-s", "--signal"}, paramLabel = "SIGNAL", description = "Send this first (default: the stop signal of the container)")
    private @Nullable String signal;

    @Option(names = {"-t", "--timeout", "--time"}, paramLabel = "SECONDS",
            description = "How long the command may take before it is killed; -1 for no limit (default: --stop-timeout of the container, or 10)")
    private @Nullable Integer timeout;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StateOptions state = new StateOptions();

    @Parameters(paramLabel = "CONTAINER", arity = "1..*", description = "Names, ids, or beginnings of ids")
    private List<String> wanted = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Stopping stopping = new Stopping(signal, timeout);
        return EachContainer.run(spec, state.open(), wanted, (container, name) -> {
            stopping.stop(container);
            return name;
        });
    }
}
