// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.dolium.container.Signal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium kill`: sends a signal to containers.
@Command(name = "kill", usageHelpAutoWidth = true, description = "Sends a signal to commands.")
final class KillCommand implements ContainerVerb {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = {"-s", "--signal"}, paramLabel = "SIGNAL", description = "What to send (default: KILL)")
    private String signal = "KILL";

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StateOptions state = new StateOptions();

    @Parameters(paramLabel = "CONTAINER", arity = "1..*", description = "Names, ids, or beginnings of ids")
    private List<String> wanted = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Signal sent = Signal.parse(signal);
        return EachContainer.run(spec, state.open(), wanted, (container, name) -> {
            if (!Found.isUp(container) || !container.kill(sent)) {
                throw new IOException("cannot kill container: " + name + ": container " + container.id() + " is not running");
            }
            return name;
        });
    }
}
