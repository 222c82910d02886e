// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.dolium.container.DetachedContainer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium top`: lists the processes of a container.
@Command(
        name = "top",
        usageHelpAutoWidth = true,
        customSynopsis = "dolium top [OPTIONS] CONTAINER [PS-OPTIONS]",
        description = "Lists the processes of a running container as this host sees them, by its ps(1), with -ef or the options that are given. The pids must be among the columns.")
final class TopCommand implements ContainerVerb {
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

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "PS-OPTIONS", description = "What ps(1) is given, as -o pid,cmd")
    private List<String> options = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        DetachedContainer container = Found.running(state.open(), wanted);
        List<String> words = new ArrayList<>(List.of("ps"));
        words.addAll(options.isEmpty() ? List.of("-ef") : options);
        String table = ps(words);
        Set<Long> members = Members.of(container.pid().orElse(-1)); // after ps, so that a process that ends is in both or is not shown
        PrintWriter out = spec.commandLine().getOut();
        filtered(table, members).forEach(out::println);
        out.flush();
        return 0;
    }

    private static String ps(List<String> words) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(words).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new IOException("ps(1) can't be run: apt-get install procps", e);
        }
        process.getOutputStream().close();
        String table = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("ps: " + table.strip());
        }
        return table;
    }

    /// The heading and the lines of these processes.
    static List<String> filtered(String table, Set<Long> members) throws IOException {
        List<String> lines = table.lines().toList();
        List<String> headings = lines.isEmpty() ? List.of() : List.of(lines.get(0).strip().split("\\s+"));
        int column = headings.indexOf("PID");
        if (column < 0) {
            throw new IOException("Couldn't find PID field in ps output");
        }
        List<String> shown = new ArrayList<>(List.of(lines.get(0)));
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.strip().split("\\s+");
            if (column < cells.length && cells[column].matches("[0-9]{1,10}") && members.contains(Long.parseLong(cells[column]))) {
                shown.add(line.replaceAll("[\\p{Cntrl}&&[^\t]]", "?"));
            }
        }
        return shown;
    }
}
