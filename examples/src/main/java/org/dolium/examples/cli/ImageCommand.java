// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `dolium image`: the commands about images, under Docker's newer names.
@Command(
        name = "image",
        description = "Images: what is known of them, and what becomes of them.",
        subcommands = {
            ImageInspectCommand.class, HistoryCommand.class, TagCommand.class, SaveCommand.class, LoadCommand.class, ImportCommand.class,
            PushCommand.class, PruneCommand.class
        })
final class ImageCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is needed");
    }
}
