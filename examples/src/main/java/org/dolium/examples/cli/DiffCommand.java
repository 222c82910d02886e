// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.dolium.oci.change.ContainerChanges;
import org.dolium.oci.pack.TreeChange;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium diff`: prints what a container has changed.
@Command(name = "diff", usageHelpAutoWidth = true, description = "Prints what a container has changed: A what was added, C changed, D deleted. The container must keep what it writes on disk: dolium run --upper DIR.")
final class DiffCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StateOptions state = new StateOptions();

    @Parameters(paramLabel = "PID-or-NAME", description = "The pid of its first process, or the name that it was given")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String container;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        for (TreeChange change : ContainerChanges.of(ContainerName.layers(container, state)).changes()) {
            out.println(change.kind().letter() + " " + change.text().replaceAll("\\p{Cntrl}", "?"));
        }
        out.flush();
        return 0;
    }
}
