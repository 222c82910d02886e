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

/// `dolium rm`: deletes containers.
@Command(name = "rm", usageHelpAutoWidth = true, description = "Deletes containers that have ended, with their logs.")
final class RmCommand implements ContainerVerb {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = {"-f", "--force"}, description = "Kill those that run")
    private boolean force;

    @Option(names = {"-v", "--volumes"}, description = "Always so: the volumes of an image are gone with the container")
    private boolean volumes;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StateOptions state = new StateOptions();

    @Parameters(paramLabel = "CONTAINER", arity = "1..*", description = "Names, ids, or beginnings of ids")
    private List<String> wanted = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        return EachContainer.run(spec, state.open(), wanted, (container, name) -> {
            if (!force && Found.isUp(container)) {
                throw new IOException("cannot remove container \"" + name + "\": container is "
                        + (container.state() == DetachedState.PAUSED ? "paused and must be unpaused first" : "running: stop the container before removing or force remove"));
            }
            container.remove(force);
            return name;
        });
    }
}
