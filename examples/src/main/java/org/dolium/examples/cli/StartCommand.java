// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.dolium.container.Containers;
import org.dolium.container.DetachedContainer;
import org.dolium.container.DetachedState;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium start`: runs containers, also once more.
@Command(name = "start", usageHelpAutoWidth = true, description = "Runs the commands of containers that were made by dolium create or have ended. What they wrote to their root file systems before is gone.")
final class StartCommand implements ContainerVerb {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = {"-a", "--attach"}, description = "Print what it prints until it ends, exit with its status, and hand signals on to it")
    private boolean attach;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StateOptions state = new StateOptions();

    @Parameters(paramLabel = "CONTAINER", arity = "1..*", description = "Names, ids, or beginnings of ids")
    private List<String> wanted = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Containers containers = state.open();
        if (!attach) {
            return EachContainer.run(spec, containers, wanted, (container, name) -> {
                start(container);
                return name;
            });
        }
        if (wanted.size() > 1) {
            throw new IOException("you cannot start and attach multiple containers at once");
        }
        DetachedContainer container = Found.find(containers, wanted.get(0));
        Instant before = Instant.now();
        start(container);
        return new LogFollower(container, container.logs().since(before)).follow(true);
    }

    private static void start(DetachedContainer container) throws IOException, InterruptedException {
        DetachedState state = container.state();
        if (state == DetachedState.PAUSED) {
            throw new IOException("cannot start a paused container, try unpause instead");
        }
        if (state != DetachedState.RUNNING) { // one that runs is left alone, as by Docker
            container.start(StoredRun.of(container).builder());
        }
    }
}
