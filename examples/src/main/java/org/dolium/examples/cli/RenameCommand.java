// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import org.dolium.container.Containers;
import org.dolium.container.DetachedContainer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium rename`: gives a container another name.
@Command(name = "rename", usageHelpAutoWidth = true, description = "Gives a container another name.")
final class RenameCommand implements ContainerVerb {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StateOptions state = new StateOptions();

    @Parameters(index = "0", paramLabel = "CONTAINER", description = "Its name, its id, or the beginning of its id")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String wanted;

    @Parameters(index = "1", paramLabel = "NEW_NAME", description = "A letter, digit, _, + or -, and up to 127 of these or .")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String name;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Containers containers = state.open();
        DetachedContainer container = Found.find(containers, wanted);
        if (container.name().equals(name)) {
            throw new IOException("Renaming a container with the same name as its current name");
        }
        NewContainer.checkFree(containers, name);
        container.rename(name);
        return 0;
    }
}
