// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import org.dolium.container.ContainerBuilder;
import org.dolium.container.LocalTerminal;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options about standard streams and terminals.
final class StreamOptions {
    @Option(
            names = {"-i", "--interactive"},
            description = "Pass standard input through; without -t and -d that is always so")
    private boolean interactive;

    @Option(
            names = {"-t", "--tty"},
            description = "Give the command a terminal; with -i it is used from the one that dolium runs in")
    private boolean tty;

    @Option(
            names = "--detach-keys",
            paramLabel = "KEYS",
            description = "Keys that leave a container with -it running (default: ctrl-p,ctrl-q)")
    private String detachKeys = DetachKeys.STANDARD;

    /// Whether the user sits at the container's terminal.
    boolean isSession() {
        return tty && interactive;
    }

    /// @throws IllegalArgumentException if keys shall come from where there are none
    UserTerminal terminal() {
        return UserTerminal.of(interactive, DetachKeys.parse(detachKeys));
    }

    /// Says what a detached container reads and writes.
    void applyDetached(ContainerBuilder builder) {
        if (tty) {
            builder.terminal(new UserTerminal(LocalTerminal.ofStandardInput().orElse(null), false, DetachKeys.parse("")).size());
        } else if (interactive) {
            builder.openStdin();
        }
    }

    /// Says what the standard streams of the command are.
    ///
    /// @return what connects its terminal with the user's, or null if it has none
    /// @throws IllegalArgumentException if keys shall come from where there are none
    @Nullable UserTerminal apply(ContainerBuilder builder) {
        if (!tty) {
            DetachKeys.parse(detachKeys);
            builder.inheritIO();
            return null;
        }
        UserTerminal terminal = terminal();
        builder.terminal(terminal.size());
        return terminal;
    }
}
