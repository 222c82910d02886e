// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.dolium.doctor.Host;
import org.dolium.doctor.Posture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `dolium doctor`: prints what this host can do.
@Command(
        name = "doctor",
        usageHelpAutoWidth = true,
        description = "Tries what containers need on this host, and prints what works, what is lost where something does"
                + " not, and what to do about it.",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:`dolium run` works", "1:`dolium run` would fail, the first lines say why", "125:dolium itself failed"
        })
final class DoctorCommand implements Callable<Integer> {
    private static final int CANNOT_RUN = 1;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Option(
            names = "--posture",
            description = "Print how strong the walls of containers are on this host instead: well-known flaws of its kernel's version,"
                    + " and protections that are off. The exit status is 0 then")
    private boolean posture;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        if (posture) {
            out.print(Posture.read().report());
            out.flush();
            return 0;
        }
        Host host = Host.probe();
        out.print(host.report());
        out.flush();
        return host.canRun() ? 0 : CANNOT_RUN;
    }
}
