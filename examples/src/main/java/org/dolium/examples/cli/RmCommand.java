// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.dolium.container.Containers;
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
    private static final int ID = 64;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = {"-f", "--force"}, description = "Kill those that run; and delete what is damaged, by its whole id")
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
        Containers containers = state.open();
        List<String> others = new ArrayList<>(wanted);
        if (force) {
            discardDamaged(containers, others);
        }
        return EachContainer.run(spec, containers, others, (container, name) -> {
            if (!force && Found.isUp(container)) {
                throw new IOException("cannot remove container \"" + name + "\": container is "
                        + (container.state() == DetachedState.PAUSED ? "paused and must be unpaused first" : "running: stop the container before removing or force remove"));
            }
            if (!force && container.isRestarting()) {
                throw new IOException("cannot remove container \"" + name + "\": container is restarting: stop the container before removing or force remove");
            }
            container.remove(force);
            return name;
        });
    }

    /// Those that were given by their whole ids: nothing else tells which one is meant.
    private void discardDamaged(Containers containers, List<String> ids) throws IOException {
        for (Containers.Damaged damaged : containers.damaged()) {
            if (damaged.id().length() == ID && ids.contains(damaged.id())) {
                containers.discard(damaged);
                ids.removeAll(List.of(damaged.id()));
                spec.commandLine().getOut().println(damaged.id());
                spec.commandLine().getOut().flush();
            }
        }
    }
}
