// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.dolium.security.SecurityReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium inspect`: prints what confines a running container.
@Command(
        name = "inspect",
        usageHelpAutoWidth = true,
        description = "Prints what confines a running process, as the kernel tells it, and in what that is weaker than a"
                + " container's defaults.",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:it is a container", "1:it is none: it shares every namespace of the host", "125:dolium itself failed"
        })
final class InspectCommand implements Callable<Integer> {
    private static final int NO_CONTAINER = 1;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--security", required = true, description = "Ids, capabilities, filters, namespaces, mounts, limits")
    private boolean security;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Parameters(paramLabel = "PID-or-NAME", description = "The pid of a process, or the name that a container was given")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String wanted;

    @Override
    public Integer call() throws IOException {
        SecurityReport report = SecurityReport.of(ContainerName.pid(wanted));
        PrintWriter out = spec.commandLine().getOut();
        if (!report.isContainer()) {
            out.println("process " + report.pid() + " is no container: it shares every namespace of the host");
            out.flush();
            return NO_CONTAINER;
        }
        out.print(report.report());
        out.flush();
        return 0;
    }
}
