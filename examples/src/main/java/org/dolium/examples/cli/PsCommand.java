// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.dolium.container.Containers;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `dolium ps`: lists containers.
@Command(name = "ps", usageHelpAutoWidth = true, description = "Lists detached containers, those that run, the newest first. What dolium run does not leave running (-d) is not among them.")
final class PsCommand implements ContainerVerb {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = {"-a", "--all"}, description = "Also those that have ended or were not started")
    private boolean all;

    @Option(names = {"-l", "--latest"}, description = "Only the newest, in whatever state")
    private boolean latest;

    @Option(names = {"-n", "--last"}, paramLabel = "N", description = "Only the newest N, in whatever state")
    private int last = -1;

    @Option(names = {"-q", "--quiet"}, description = "Only the ids")
    private boolean quiet;

    @Option(names = "--no-trunc", description = "Ids and commands in full length")
    private boolean whole;

    @Option(names = {"-f", "--filter"}, paramLabel = "NAME=VALUE",
            description = "Only those with name= (a part of it), id= (the beginning), status= (created, restarting, running, paused, exited, dead), label=NAME[=VALUE], exited=STATUS or ancestor=IMAGE")
    private List<String> filters = new ArrayList<>();

    @Option(names = "--format", paramLabel = "FORMAT",
            description = "'json', or a text with {{.ID}}, {{.Names}}, {{.Image}}, {{.Command}}, {{.CreatedAt}}, {{.RunningFor}}, {{.State}}, {{.Status}}, {{.Ports}}, {{.Labels}} and {{.Label \"name\"}}; after 'table ' with a heading")
    private @Nullable String format;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StateOptions state = new StateOptions();


    @Override
    public Integer call() throws IOException, InterruptedException {
        PsFilter filter = new PsFilter(filters);
        int most = last > 0 ? last : latest ? 1 : Integer.MAX_VALUE;
        boolean ended = all || filter.hasStatus() || most < Integer.MAX_VALUE;
        Instant now = Instant.now();
        Containers containers = state.open();
        Unreadable unreadable = new Unreadable(spec);
        List<PsLine> lines = Found.listed(containers, unreadable).stream()
                .filter(view -> ended || view.isUp() || view.state() == ContainerView.State.RESTARTING)
                .filter(filter)
                .limit(most)
                .map(view -> new PsLine(view, whole, now))
                .toList();
        PrintWriter out = spec.commandLine().getOut();
        String wanted = format == null || format.equals("table") ? PsLine.TABLE : format;
        new ListFormat(quiet ? "{{.ID}}" : wanted, PsLine.KEYS).print(lines, out);
        out.flush();
        unreadable.tellDamaged(containers);
        return unreadable.status();
    }
}
