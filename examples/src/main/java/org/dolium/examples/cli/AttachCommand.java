// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import org.dolium.container.Attachment;
import org.dolium.container.DetachedContainer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium attach`: follows a container.
@Command(name = "attach", usageHelpAutoWidth = true, description = "Connects this terminal, or these standard streams, with those of a running container, until it ends or the keys for detaching are typed. It exits with the container's status.")
final class AttachCommand implements ContainerVerb {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--no-stdin", description = "Type nothing")
    private boolean noStdin;

    @Option(names = "--sig-proxy", paramLabel = "true|false", arity = "0..1", fallbackValue = "true", defaultValue = "true",
            description = "Hand signals on to a container without a terminal (default: true); with false, Ctrl-C leaves it alone")
    private boolean proxy;

    @Option(names = "--detach-keys", paramLabel = "KEYS", description = "Keys that leave the container running (default: ctrl-p,ctrl-q)")
    private String detachKeys = DetachKeys.STANDARD;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StateOptions state = new StateOptions();

    @Parameters(paramLabel = "CONTAINER", description = "Its name, its id, or the beginning of its id")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String wanted;

    @Override
    @SuppressWarnings("try")
    public Integer call() throws IOException, InterruptedException {
        DetachedContainer container = Found.find(state.open(), wanted);
        switch (container.state()) {
            case RUNNING -> {}
            case PAUSED -> throw new IOException("You cannot attach to a paused container, unpause it first");
            default -> throw new IOException("You cannot attach to a stopped container, start it first");
        }
        boolean typing = !noStdin && StoredRun.of(container).has("--interactive");
        try (Attachment attached = container.attach()) {
            if (!attached.hasTerminal()) {
                if (!typing) {
                    attached.close(); // as long as it has the container's input, that does not end
                }
                return new LogFollower(container, container.logs().tail(0)).follow(proxy, typing ? attached : null, false);
            }
            try (UserTerminal user = UserTerminal.of(typing, DetachKeys.parse(detachKeys))) {
                user.open();
                return new Session(container, attached, user).run(true).shellCode();
            }
        }
    }
}
