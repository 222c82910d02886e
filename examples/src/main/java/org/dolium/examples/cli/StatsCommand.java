// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.dolium.cgroup.Stats;
import org.dolium.container.Containers;
import org.dolium.container.DetachedContainer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium stats`: prints what containers use.
@Command(
        name = "stats",
        usageHelpAutoWidth = true,
        description = "Prints once a second what containers use: processor time of one processor, memory without what can be taken back,"
                + " network without lo, disks, processes and threads. -- is what this kernel does not count.")
final class StatsCommand implements ContainerVerb {
    private static final long INTERVAL_MILLIS = 1000;
    private static final String CLEAR = "\033[2J\033[H";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = {"-a", "--all"}, description = "Also those that do not run")
    private boolean all;

    @Option(names = "--no-stream", description = "Print it once, after a second")
    private boolean once;

    @Option(names = "--no-trunc", description = "Ids in full length")
    private boolean whole;

    @Option(names = "--format", paramLabel = "FORMAT",
            description = "'json', or a text with {{.ID}}, {{.Name}}, {{.Container}}, {{.CPUPerc}}, {{.MemUsage}}, {{.MemPerc}}, {{.NetIO}},"
                    + " {{.BlockIO}} and {{.PIDs}}; after 'table ' with a heading")
    private @Nullable String format;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StateOptions state = new StateOptions();

    @Parameters(paramLabel = "CONTAINER", arity = "0..*", description = "Names, ids, or beginnings of ids (default: all that run)")
    private List<String> wanted = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        ListFormat list = new ListFormat(format == null || format.equals("table") ? StatsLine.TABLE : format, StatsLine.KEYS);
        Containers containers = state.open();
        for (String one : wanted) {
            Found.find(containers, one);
        }
        long machine = memory();
        Map<String, Stats> before = new HashMap<>();
        Unreadable unreadable = new Unreadable(spec);
        look(containers, unreadable, before, machine);
        do {
            Thread.sleep(INTERVAL_MILLIS);
            print(list, look(containers, unreadable, before, machine));
        } while (!once);
        return unreadable.status();
    }

    private void print(ListFormat list, List<StatsLine> lines) {
        PrintWriter out = spec.commandLine().getOut();
        boolean table = format == null || format.startsWith("table");
        if (!once && table && System.console() != null && System.console().isTerminal()) {
            out.print(CLEAR);
        }
        list.print(lines, out);
        out.flush();
    }

    /// @param before the last figures, which are replaced by these
    private List<StatsLine> look(Containers containers, Unreadable unreadable, Map<String, Stats> before, long machine) throws IOException {
        List<DetachedContainer> looked = new ArrayList<>();
        if (wanted.isEmpty()) {
            looked = containers.list();
        } else {
            for (String one : wanted) {
                Found.tryFind(containers, one).ifPresent(looked::add);
            }
        }
        List<StatsLine> lines = new ArrayList<>();
        for (DetachedContainer one : looked) {
            try {
                if (all || !wanted.isEmpty() || Found.isUp(one)) {
                    lines.add(line(one, before, machine));
                }
            } catch (IOException e) {
                unreadable.tellUnlessGone(containers, one, e);
            }
        }
        return lines;
    }

    private StatsLine line(DetachedContainer one, Map<String, Stats> before, long machine) throws IOException {
        ContainerView view = Found.view(one);
        Stats now = null;
        try {
            now = view.isUp() ? one.stats() : null;
        } catch (IllegalStateException e) {
            // it has ended, or there are no cgroups here
        }
        Stats last = before.get(one.id());
        if (now != null) {
            before.put(one.id(), now);
        }
        return new StatsLine(view, last, now, machine, whole);
    }

    private static long memory() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
            if (line.startsWith("MemTotal:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
            }
        }
        return 0;
    }
}
