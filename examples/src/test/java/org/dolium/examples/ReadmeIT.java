// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The shell lines of README.md work as they are printed there.
@Tag("kernel")
class ReadmeIT {
    private static final Pattern SHELL_BLOCK = Pattern.compile("```sh\n(.*?)```\n", Pattern.DOTALL);
    private static final Pattern STATUS = Pattern.compile("# exit status (\\d+)");
    private static final Pattern OUTPUT =
            Pattern.compile("<!-- output: (\\./dolium .*) -->\n```text\n(.*?)```\n", Pattern.DOTALL);

    private static Path home;

    @BeforeAll
    static void copy() throws IOException {
        home = ScriptCopy.make();
    }

    @AfterAll
    static void delete() throws IOException {
        ScriptCopy.delete(home);
    }

    private static Packaged.Output shell(String line) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", line).directory(home.toFile());
        builder.environment().put("DOLIUM_JAVA_HOME", System.getProperty("java.home"));
        return Packaged.run(builder);
    }

    @TestFactory
    Stream<DynamicTest> every_dolium_command_works() throws IOException {
        List<String> lines = SHELL_BLOCK.matcher(ReadmeTest.readme())
                .results()
                .flatMap(block -> block.group(1).lines())
                .filter(line -> line.contains("./dolium"))
                .toList();
        assertThat(lines).hasSizeGreaterThan(5);
        return lines.stream().map(line -> dynamicTest(line, () -> {
            Matcher status = STATUS.matcher(line);
            Packaged.Output output = shell(line);
            assertThat(output.err()).isEmpty();
            assertThat(output.status()).isEqualTo(status.find() ? Integer.parseInt(status.group(1)) : 0);
        }));
    }

    @Test
    void the_error_is_as_it_is_printed() throws Exception {
        Matcher example = OUTPUT.matcher(ReadmeTest.readme());
        assertThat(example.find()).isTrue();
        Packaged.Output output = shell(example.group(1));
        assertThat(output.status()).isEqualTo(125);
        // how many steps there are depends on the machine
        assertThat(withoutSteps(output.err())).isEqualTo(withoutSteps(example.group(2)));
    }

    private static String withoutSteps(String text) {
        return text.replaceFirst("step \\d+ of \\d+", "step");
    }
}
