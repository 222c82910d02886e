// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// The tables of README.md about `dolium run` are those of its `--help`.
class ReadmeOptionsTest {
    private static final Path README = Path.of(System.getProperty("project.root", ".."), "README.md");

    private static CommandSpec run() {
        return Main.commandLine().getSubcommands().get("run").getCommandSpec();
    }

    private static String row(OptionSpec option) {
        List<String> names = new ArrayList<>(List.of(option.names()));
        names.sort(Comparator.comparingInt(String::length));
        String value = option.arity().max() == 0 ? "" : " " + option.paramLabel();
        return "| `" + String.join("`, `", names) + value + "` | " + String.join(" ", option.description()) + " |";
    }

    @Test
    void every_option_is_in_the_table_as_it_is_in_the_help() throws IOException {
        String readme = Files.readString(README);
        String table = readme.substring(
                readme.indexOf("<!-- options: begin -->"), readme.indexOf("<!-- options: end -->"));
        assertThat(table.lines().filter(line -> line.startsWith("| `")).toList())
                .isNotEmpty()
                .containsExactlyElementsOf(run().options().stream()
                        .filter(option -> !option.hidden())
                        .sorted(Comparator.comparing(option -> option.longestName()))
                        .map(ReadmeOptionsTest::row)
                        .toList());
    }

    @Test
    void every_exit_status_is_in_the_table_as_it_is_in_the_help() throws IOException {
        String readme = Files.readString(README);
        assertThat(run().usageMessage().exitCodeList()).hasSize(4);
        run().usageMessage().exitCodeList().forEach((status, meaning) ->
                assertThat(readme).contains("\n| " + status + " | " + meaning + " |\n"));
    }

    @Test
    void the_exit_statuses_of_inspect_are_in_its_table_as_they_are_in_its_help() throws IOException {
        CommandSpec inspect = Main.commandLine().getSubcommands().get("inspect").getCommandSpec();
        String readme = Files.readString(README);
        String section = readme.substring(
                readme.indexOf("\n## ./dolium inspect\n"), readme.indexOf("\n## ./dolium doctor\n"));
        assertThat(inspect.usageMessage().exitCodeList()).hasSize(3);
        inspect.usageMessage().exitCodeList().forEach((status, meaning) ->
                assertThat(section).contains("\n| " + status + " | " + meaning + " |\n"));
    }

    @Test
    void the_exit_statuses_of_doctor_are_in_its_table_as_they_are_in_its_help() throws IOException {
        CommandSpec doctor = Main.commandLine().getSubcommands().get("doctor").getCommandSpec();
        String readme = Files.readString(README);
        String section = readme.substring(readme.indexOf("\n## ./dolium doctor\n"), readme.indexOf("\n## Errors\n"));
        assertThat(doctor.usageMessage().exitCodeList()).hasSize(3);
        doctor.usageMessage().exitCodeList().forEach((status, meaning) ->
                assertThat(section).contains("\n| " + status + " | " + meaning + " |\n"));
        assertThat(doctor.options()).extracting(OptionSpec::longestName).containsExactlyInAnyOrder("--help", "--posture");
        assertThat(section).contains("`./dolium doctor --posture`"); // which need no table
    }
}
