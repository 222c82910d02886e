// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.dolium.container.Containers;
import org.dolium.oci.change.Inspection;
import org.dolium.security.SecurityReport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium inspect`: prints what is known of containers and images, or what confines a running container.
@Command(
        name = "inspect",
        usageHelpAutoWidth = true,
        description = "Prints what is known of detached containers as JSON, or a line of each in a given format. With --security: what"
                + " confines any running process, as the kernel tells it, and in what that is weaker than a container's defaults.",
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:it is there; with --security, it is a container",
            "1:it is not there; with --security, it is no container: it shares every namespace of the host",
            "125:dolium itself failed"
        })
final class InspectCommand implements Callable<Integer> {
    private static final int NO_CONTAINER = 1;
    private static final int NOT_THERE = 1;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--security", description = "Ids, capabilities, filters, namespaces, mounts, limits")
    private boolean security;

    @Option(names = {"-f", "--format"}, paramLabel = "TEMPLATE",
            description = "As {{.State.Status}}, {{json .Config}}, {{len .Args}}, {{index .Args 0}} or {{join .Args \",\"}}")
    private @Nullable String format;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StateOptions state = new StateOptions();

    @Parameters(paramLabel = "CONTAINER", arity = "1..*",
            description = "Names, ids, or beginnings of ids; with --security also the pid of any process, or the name that a container was given")
    private List<String> wanted = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        return security ? confinement() : known();
    }

    private int known() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Containers containers = state.open();
        List<Map<String, Object>> found = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        for (String one : wanted) {
            if (Found.tryFind(containers, one).isPresent()) {
                found.add(ContainerInspection.of(Found.find(containers, one)));
            } else {
                missing.add(one);
            }
        }
        if (format == null || format.equals("json")) {
            out.println(Inspection.json(found));
        } else {
            for (Map<String, Object> one : found) {
                out.println(Inspection.format(format, one).replaceAll("[\\p{Cntrl}&&[^\n\t]]", "?"));
            }
        }
        out.flush();
        missing.forEach(one -> spec.commandLine().getErr().println("dolium: No such container: " + one
                + (one.matches("[0-9]{1,10}") ? "; what confines a process is told with --security" : "")));
        spec.commandLine().getErr().flush();
        return missing.isEmpty() ? 0 : NOT_THERE;
    }

    private int confinement() throws IOException {
        int status = 0;
        PrintWriter out = spec.commandLine().getOut();
        for (String one : wanted) {
            SecurityReport report = SecurityReport.of(ContainerName.pid(one, state));
            if (!report.isContainer()) {
                out.println("process " + report.pid() + " is no container: it shares every namespace of the host");
                status = NO_CONTAINER;
            } else {
                out.print(report.report());
            }
            out.flush();
        }
        return status;
    }
}
