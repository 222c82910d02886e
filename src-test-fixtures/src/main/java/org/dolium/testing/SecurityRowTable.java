// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The table of rows, environments and results, out of what [SecurityRowListener] wrote in each module.
public final class SecurityRowTable {
    private final Map<String, Map<String, int[]>> results = new TreeMap<>();
    private final Map<String, Integer> controls = new TreeMap<>();

    private SecurityRowTable() {}

    /// Writes `target/security-rows.md` of the project.
    static void write(Path project) throws IOException {
        SecurityRowTable table = new SecurityRowTable();
        for (Path file : files(project)) {
            Files.readAllLines(file).forEach(table::add);
        }
        Path target = Files.createDirectories(project.resolve("target"));
        Files.writeString(target.resolve("security-rows.md"), table.text(rows(project)));
    }

    private static List<Path> files(Path project) throws IOException {
        List<Path> files = new ArrayList<>();
        try (Stream<Path> modules = Files.list(project)) {
            for (Path module : modules.sorted().toList()) {
                Path directory = module.resolve("target/security-rows");
                if (Files.isDirectory(directory)) {
                    try (Stream<Path> found = Files.list(directory)) {
                        files.addAll(found.sorted().toList());
                    }
                }
            }
        }
        return files;
    }

    /// The first two cells of each row of the list.
    private static List<String[]> rows(Path project) throws IOException {
        return Files.readAllLines(project.resolve("docs/security-rows.md")).stream()
                .filter(line -> line.matches("\\| [A-Z]-[0-9]{2} \\|.*"))
                .map(line -> line.split("\\|", -1))
                .toList();
    }

    /// One line of a listener: row, environment, result, whether it is a negative control.
    void add(String line) {
        String[] fields = line.split("\t", -1);
        int[] counts = results.computeIfAbsent(fields[0], row -> new TreeMap<>())
                .computeIfAbsent(fields[1], where -> new int[3]);
        counts[List.of("passed", "failed", "skipped").indexOf(fields[2])]++;
        if (fields[3].equals("true") && fields[2].equals("passed")) {
            controls.merge(fields[0], 1, Integer::sum);
        }
    }

    /// Tests for a text in memory.
    static String of(List<String> lines, List<String[]> rows) {
        SecurityRowTable table = new SecurityRowTable();
        lines.forEach(table::add);
        return table.text(rows);
    }

    private String text(List<String[]> rows) {
        TreeSet<String> places = new TreeSet<>();
        results.values().forEach(counts -> places.addAll(counts.keySet()));
        StringBuilder out = new StringBuilder("# Security rows: results of the last run\n\n"
                + "Passed tests of each row in each environment, `!` failed, `~` skipped; negative controls that passed.\n\n");
        out.append("| row | threat | ").append(String.join(" | ", places)).append(" | controls |\n");
        out.append("|---|---|").append("---|".repeat(places.size())).append("---|\n");
        for (String[] row : rows) {
            String id = row[1].trim();
            Map<String, int[]> counts = results.getOrDefault(id, Map.of());
            out.append("| ").append(id).append(" | ").append(row[2].trim()).append(" | ")
                    .append(places.stream().map(place -> cell(counts.get(place))).collect(Collectors.joining(" | ")))
                    .append(" | ").append(controls.getOrDefault(id, 0)).append(" |\n");
        }
        return out.toString();
    }

    private static String cell(int @org.jspecify.annotations.Nullable [] counts) {
        if (counts == null) {
            return "";
        }
        return counts[0] + (counts[1] > 0 ? " !" + counts[1] : "") + (counts[2] > 0 ? " ~" + counts[2] : "");
    }
}
