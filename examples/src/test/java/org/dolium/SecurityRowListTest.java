// SPDX-License-Identifier: Apache-2.0
package org.dolium;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.dolium.testing.SecurityRow;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// `docs/security-rows.md` says which test is about which row, and why a row has none. The names of the tests say the same;
/// `-Dgolden.rewrite=true` writes the list's last two columns anew from them.
class SecurityRowListTest {
    private static final Path PROJECT = Path.of(System.getProperty("project.root", ".."));
    private static final Path LIST = PROJECT.resolve("docs/security-rows.md");
    private static final Pattern LINE = Pattern.compile("\\| ([A-Z]-[0-9]{2}) \\| ([^|]+) \\| ([^|]*) \\| ([^|]*) \\|");
    private static final Pattern METHOD =
            Pattern.compile("\\b(?:void|boolean|\\w+<DynamicTest>)\\s+([A-Z]_[0-9]{2}_\\w+)\\s*\\(");
    private static final Pattern CLASS_NAME = Pattern.compile("`(\\w+)`");
    private static final Map<Character, Integer> SIZES = Map.ofEntries(
            Map.entry('L', 20), Map.entry('P', 22), Map.entry('F', 8), Map.entry('C', 12), Map.entry('S', 25),
            Map.entry('X', 9), Map.entry('G', 8), Map.entry('T', 6), Map.entry('U', 22), Map.entry('R', 20),
            Map.entry('I', 12), Map.entry('V', 8), Map.entry('N', 8), Map.entry('O', 7), Map.entry('J', 10));

    record Row(String id, String threat, String tests, String control) {
        @Override
        public String toString() {
            return "| " + id + " | " + threat + " | " + tests + " | " + control + " |";
        }

        Set<String> classes() {
            return CLASS_NAME.matcher(tests).results().map(name -> name.group(1)).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    /// The methods that name a row, with their classes.
    private static final Map<String, Map<String, List<String>>> METHODS = methods();

    private static Map<String, Map<String, List<String>>> methods() {
        Map<String, Map<String, List<String>>> methods = new TreeMap<>();
        try (Stream<Path> modules = Files.list(PROJECT)) {
            for (Path module : modules.filter(path -> Files.isDirectory(path.resolve("src/test/java"))).toList()) {
                try (Stream<Path> files = Files.walk(module.resolve("src/test/java"))) {
                    files.filter(path -> path.toString().endsWith(".java")).forEach(file -> add(file, methods));
                }
            }
            return methods;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void add(Path file, Map<String, Map<String, List<String>>> methods) {
        try {
            String name = file.getFileName().toString().replace(".java", "");
            Matcher method = METHOD.matcher(Files.readString(file));
            while (method.find()) {
                methods.computeIfAbsent(SecurityRow.of(method.group(1), "").orElseThrow(), row -> new TreeMap<>())
                        .computeIfAbsent(name, type -> new ArrayList<>())
                        .add(method.group(1));
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static boolean hasControl(String row) {
        return METHODS.getOrDefault(row, Map.of()).values().stream()
                .flatMap(List::stream)
                .anyMatch(method -> SecurityRow.isControl(method, ""));
    }

    private static List<Row> rows() throws IOException {
        List<Row> rows = new ArrayList<>();
        for (String line : Files.readAllLines(LIST)) {
            Matcher cells = LINE.matcher(line);
            if (cells.matches()) {
                rows.add(new Row(cells.group(1), cells.group(2), cells.group(3), cells.group(4)));
            }
        }
        return rows;
    }

    @Test
    void every_row_of_the_matrix_is_in_the_list_once_and_in_order() throws IOException {
        Map<Character, Integer> counts = new TreeMap<>();
        for (Row row : rows()) {
            int number = counts.merge(row.id().charAt(0), 1, Integer::sum);
            assertThat(row.id().substring(2)).as(row.id()).isEqualTo(String.format("%02d", number));
        }
        assertThat(counts).isEqualTo(SIZES);
    }

    @Test
    void a_test_names_only_rows_that_there_are() throws IOException {
        Set<String> known = rows().stream().map(Row::id).collect(Collectors.toSet());
        assertThat(METHODS.keySet()).isNotEmpty().isSubsetOf(known);
    }

    @Test
    void a_row_is_tested_where_the_list_says_and_nowhere_else() throws IOException {
        for (Row row : rows()) {
            assertThat(METHODS.getOrDefault(row.id(), Map.of()).keySet())
                    .as(row.id() + ": if its tests have changed, run this with -Dgolden.rewrite=true")
                    .isEqualTo(row.classes());
        }
    }

    @Test
    void a_row_without_tests_says_why() throws IOException {
        assertThat(rows()).filteredOn(row -> row.classes().isEmpty()).allMatch(row -> row.tests().matches("(later|none): .+"));
        assertThat(rows()).filteredOn(row -> !row.classes().isEmpty()).isNotEmpty()
                .allMatch(row -> !row.tests().contains(":"));
    }

    @Test
    void a_promise_names_only_rows_that_have_tests() throws IOException {
        Set<String> promised = Pattern.compile("\\b[A-Z]-[0-9]{2}\\b")
                .matcher(Files.readString(PROJECT.resolve("SECURITY.md")))
                .results()
                .map(java.util.regex.MatchResult::group)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(promised).hasSizeGreaterThan(30).isSubsetOf(METHODS.keySet());
    }

    @Test
    void a_tested_row_has_a_negative_control_or_says_why_not() throws IOException {
        for (Row row : rows()) {
            if (hasControl(row.id())) {
                assertThat(row.control()).as(row.id()).isEqualTo("yes");
            } else if (!row.classes().isEmpty()) {
                assertThat(row.control()).as(row.id()).matches("in the test|none: .+");
            }
        }
    }

    @BeforeAll
    static void rewrite() throws IOException {
        if (!Boolean.getBoolean("golden.rewrite")) {
            return;
        }
        List<String> lines = new ArrayList<>();
        for (String line : Files.readAllLines(LIST)) {
            Matcher cells = LINE.matcher(line);
            lines.add(cells.matches() ? renewed(cells).toString() : line);
        }
        Files.write(LIST, lines);
    }

    private static Row renewed(Matcher cells) {
        Map<String, List<String>> tests = METHODS.getOrDefault(cells.group(1), Map.of());
        String classes = tests.keySet().stream().map(name -> "`" + name + "`").collect(Collectors.joining(" "));
        String old = cells.group(3).contains("`") ? "none: its tests are gone" : cells.group(3);
        String control = hasControl(cells.group(1)) ? "yes" : cells.group(4).equals("yes") ? "none: it is gone" : cells.group(4);
        boolean unexplained = !classes.isEmpty() && control.isBlank();
        return new Row(cells.group(1), cells.group(2), classes.isEmpty() ? old : classes, unexplained ? "none: not written yet" : control);
    }
}
