// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.dolium.container.DetachedState;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium wait`: waits for the end of containers.
@Command(name = "wait", usageHelpAutoWidth = true, description = "Waits until containers have ended, and prints their exit statuses.")
final class WaitCommand implements ContainerVerb {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StateOptions state = new StateOptions();

    @Parameters(paramLabel = "CONTAINER", arity = "1..*", description = "Names, ids, or beginnings of ids")
    private List<String> wanted = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        return EachContainer.run(spec, state.open(), wanted, (container, name) -> container.state() == DetachedState.CREATED
                ? "0" // as Docker: it does not run
                : Integer.toString(container.waitFor().shellCode()));
    }
}
