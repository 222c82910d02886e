// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import org.dolium.container.DetachedContainer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium attach`: follows a container.
@Command(name = "attach", usageHelpAutoWidth = true, description = "Prints what a running container prints from now on, and exits with its status. Signals are handed on to it. Its standard input is empty: nothing can be typed.")
final class AttachCommand implements ContainerVerb {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--no-stdin", description = "Always so: nothing is typed")
    private boolean noStdin;

    @Option(names = "--sig-proxy", paramLabel = "true|false", arity = "0..1", fallbackValue = "true", defaultValue = "true",
            description = "Hand signals on to the container (default: true); with false, Ctrl-C leaves it alone")
    private boolean proxy;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StateOptions state = new StateOptions();

    @Parameters(paramLabel = "CONTAINER", description = "Its name, its id, or the beginning of its id")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String wanted;

    @Override
    public Integer call() throws IOException, InterruptedException {
        DetachedContainer container = Found.find(state.open(), wanted);
        switch (container.state()) {
            case RUNNING -> {}
            case PAUSED -> throw new IOException("You cannot attach to a paused container, unpause it first");
            default -> throw new IOException("You cannot attach to a stopped container, start it first");
        }
        return new LogFollower(container, container.logs().tail(0)).follow(proxy);
    }
}
