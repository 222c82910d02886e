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

/// `dolium unpause`: lets containers go on.
@Command(name = "unpause", usageHelpAutoWidth = true, description = "Lets containers that were paused go on.")
final class UnpauseCommand implements ContainerVerb {
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
        return EachContainer.run(spec, state.open(), wanted, (container, name) -> {
            if (container.state() != DetachedState.PAUSED) {
                throw new IOException("Container " + container.id() + " is not paused");
            }
            container.resume();
            return name;
        });
    }
}
