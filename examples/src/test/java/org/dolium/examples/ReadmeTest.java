// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.dolium.capability.Capability;
import org.dolium.capability.CapabilitySets;
import org.dolium.container.ContainerBuilder;
import org.junit.jupiter.api.Test;

/// README.md says what is so.
class ReadmeTest {
    private static final Path EXAMPLES = Packaged.PROJECT.resolve("examples/src/main/java/org/dolium/examples");
    private static final Pattern JAVA_BLOCK =
            Pattern.compile("(?:<!-- example: (\\S+) (\\S+) -->\n)?```java\n(.*?)```\n", Pattern.DOTALL);

    static String readme() throws IOException {
        return Files.readString(Packaged.PROJECT.resolve("README.md"));
    }

    /// The region of an example between `// README:start NAME` and `// README:end`, without its indent.
    private static String region(String file, String name) throws IOException {
        String text = Files.readString(EXAMPLES.resolve(file));
        Matcher region = Pattern.compile("// README:start " + name + "\n(.*?)\n *// README:end", Pattern.DOTALL).matcher(text);
        assertThat(region.find()).as(file + " has a region " + name).isTrue();
        return region.group(1).stripIndent() + "\n";
    }

    @Test
    void every_java_snippet_is_a_part_of_an_example() throws IOException {
        List<Matcher> blocks = JAVA_BLOCK.matcher(readme()).results().map(match -> {
            Matcher block = JAVA_BLOCK.matcher(match.group());
            assertThat(block.matches()).isTrue();
            return block;
        }).toList();
        assertThat(blocks).hasSizeGreaterThan(3);
        for (Matcher block : blocks) {
            assertThat(block.group(1)).as("the example of\n" + block.group(3)).isNotNull();
            assertThat(block.group(3)).isEqualTo(region(block.group(1), block.group(2)));
        }
    }

    @Test
    void every_region_of_an_example_is_in_the_readme() throws IOException {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
                Matcher start = Pattern.compile("// README:start (\\S+)").matcher(Files.readString(file));
                while (start.find()) {
                    assertThat(readme())
                            .contains("<!-- example: " + file.getFileName() + " " + start.group(1) + " -->");
                }
            }
        }
    }

    @Test
    void every_program_is_in_the_table() throws IOException {
        try (Stream<Path> files = Files.list(EXAMPLES)) {
            List<String> programs = files.filter(Files::isRegularFile)
                    .filter(ReadmeTest::hasMain)
                    .map(path -> path.getFileName().toString().replace(".java", ""))
                    .toList();
            assertThat(programs).hasSizeGreaterThan(4).allMatch(name -> contains("\n| `" + name + "` | "));
        }
    }

    private static boolean hasMain(Path file) {
        try {
            return Files.readString(file).contains("public static void main(");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static boolean contains(String text) {
        try {
            return readme().contains(text);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void the_default_capabilities_are_those_of_the_table() throws IOException {
        long listed = 0;
        Matcher name = Pattern.compile("`([A-Z_]+)`").matcher(row("capabilities"));
        while (name.find()) {
            listed |= 1L << Capability.parse(name.group(1)).ordinal();
        }
        assertThat(listed).isEqualTo(CapabilitySets.standard().bounding());
    }

    @Test
    void the_masked_and_read_only_paths_are_those_of_the_table() throws IOException {
        TreeSet<String> standard = opened(ContainerBuilder.create().command("/true"));
        standard.removeAll(opened(ContainerBuilder.create().command("/true").withoutStandardMasks()));
        standard.removeIf(path -> path.endsWith("/thermal_throttle"));
        TreeSet<String> listed = paths("reads as empty");
        listed.addAll(paths("read-only"));
        assertThat(listed).isNotEmpty().isEqualTo(standard);
    }

    /// The paths that a plan opens inside the root file system.
    private static TreeSet<String> opened(ContainerBuilder builder) throws IOException {
        TreeSet<String> paths = new TreeSet<>();
        Pattern.compile("openat2\\(\\$\\d+, \"([^\"]+)\"")
                .matcher(builder.explain())
                .results()
                .forEach(match -> paths.add("/" + match.group(1)));
        return paths;
    }

    private static TreeSet<String> paths(String row) throws IOException {
        TreeSet<String> paths = new TreeSet<>();
        Pattern.compile("`(/[^`]+)`").matcher(row(row)).results().forEach(match -> paths.add(match.group(1)));
        return paths;
    }

    private static String row(String name) throws IOException {
        return readme().lines().filter(line -> line.startsWith("| " + name + " | ")).findFirst().orElseThrow();
    }

    @Test
    void the_packages_are_those_of_the_ci() throws IOException {
        String ci = Files.readString(Packaged.PROJECT.resolve(".ci/run"));
        Matcher install = Pattern.compile("apt-get install .*?--no-install-recommends \\\\\n(.*?)>", Pattern.DOTALL)
                .matcher(ci);
        assertThat(install.find()).isTrue();
        String line = readme().lines().filter(text -> text.startsWith("apt-get install ")).findFirst().orElseThrow();
        assertThat(line.substring("apt-get install ".length()).split(" "))
                .containsExactly(install.group(1).replace("\\", " ").strip().split("\\s+"));
    }
}
