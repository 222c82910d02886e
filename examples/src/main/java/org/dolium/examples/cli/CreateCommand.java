// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `dolium create`: makes a container that `dolium start` runs.
@Command(
        name = "create",
        usageHelpAutoWidth = true,
        customSynopsis = {"dolium create [OPTIONS] IMAGE [COMMAND] [ARGUMENTS]", "dolium create [OPTIONS] -- COMMAND [ARGUMENTS]"},
        description = "Makes a container as dolium run -d does, without running its command, and prints its id. dolium start runs it. What"
                + " is in files that options name is read then.")
final class CreateCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--cidfile", paramLabel = "FILE", description = "Write the id to this file, which must not exist")
    private @Nullable Path cidfile;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StateOptions state = new StateOptions();

    @Mixin
    private ContainerOptions options = new ContainerOptions();

    ContainerOptions options() {
        return options;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        options.checkDetached();
        String id = new NewContainer(state.open(), options, null, cidfile).create().id();
        spec.commandLine().getOut().println(id);
        spec.commandLine().getOut().flush();
        return 0;
    }
}
