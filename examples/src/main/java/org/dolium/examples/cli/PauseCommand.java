// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium pause`: freezes containers.
@Command(name = "pause", usageHelpAutoWidth = true, description = "Makes all processes of containers stand still.")
final class PauseCommand implements ContainerVerb {
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
            switch (container.state()) {
                case RUNNING -> container.pause();
                case PAUSED -> throw new IOException("Container " + container.id() + " is already paused");
                default -> throw new IOException("Container " + container.id() + " is not running");
            }
            return name;
        });
    }
}
