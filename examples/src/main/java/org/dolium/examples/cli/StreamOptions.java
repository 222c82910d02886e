// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import org.dolium.container.ContainerBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options about standard streams and terminals.
final class StreamOptions {
    @Option(
            names = {"-i", "--interactive"},
            description = "Pass standard input through; without -t that is always so")
    private boolean interactive;

    @Option(
            names = {"-t", "--tty"},
            description = "Give the command a terminal; with -i it is used from the one that dolium runs in")
    private boolean tty;

    @Option(
            names = "--detach-keys",
            paramLabel = "KEYS",
            description = "Keys for detaching (default: ctrl-p,ctrl-q). What has a terminal can't be detached from yet: dolium says so")
    private String detachKeys = "ctrl-p,ctrl-q";

    /// @throws IllegalArgumentException if something is asked for that a detached container can't have
    void checkDetached() {
        if (tty) {
            throw new IllegalArgumentException("a detached container can't have a terminal (-t) yet; without -d it can");
        }
        if (interactive) {
            throw new IllegalArgumentException("a detached container can't have standard input (-i) yet; without -d it can");
        }
    }

    /// Says what the standard streams of the command are.
    ///
    /// @return what connects its terminal with the user's, or null if it has none
    /// @throws IllegalArgumentException if keys shall come from where there are none
    @Nullable Attachment apply(ContainerBuilder builder) {
        if (!tty) {
            DetachKeys.parse(detachKeys);
            builder.inheritIO();
            return null;
        }
        Attachment attachment = Attachment.here(interactive, detachKeys, "a container of 'dolium run'");
        builder.terminal(attachment.size());
        return attachment;
    }
}
