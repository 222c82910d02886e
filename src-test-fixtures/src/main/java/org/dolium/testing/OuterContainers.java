// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Containers of Docker and Podman in one [TestVm], in which this JVM's JDK and class path are mounted. The JVM in each is
/// process 1 of its pid namespace.
///
/// ```java
/// Map<String, TestVm.Outcome> ends = new OuterContainers()
///         .program("default", "docker", List.of(), Nested.class, "doctor")
///         .run(TestVm.kernel("6.12").apparmor());
/// ```
///
/// They share one machine, two at a time: the machine and its daemon take longer to start than most of them.
public final class OuterContainers {
    /// The Debian packages of the machine's root file system.
    private static final String PACKAGES = "docker.io podman crun";

    private static final String PROJECT = "/project";

    private record Row(String engine, String name, String ready, List<String> options, Class<?> main, List<String> arguments) {
        String line(TestVm machine, String classPath) {
            List<String> words = new ArrayList<>(List.of("outer", engine, name, ready));
            words.addAll(options);
            words.add("--");
            words.addAll(machine.java(classPath, "/tmp", main, arguments.toArray(new String[0])));
            StringBuilder line = new StringBuilder();
            for (String word : words) {
                line.append('\'').append(word.replace("'", "'\\''")).append("' ");
            }
            return line.append('\n').toString();
        }
    }

    private final List<Row> rows = new ArrayList<>();

    /// A container that runs a program of this class path.
    ///
    /// @param engine `docker` or `podman`
    /// @param options of `docker run`
    public OuterContainers program(String name, String engine, List<String> options, Class<?> main, String... arguments) {
        rows.add(new Row(engine, name, "", options, main, List.of(arguments)));
        return this;
    }

    /// As [#program], and the engine is told to stop it when it has printed `ready`.
    public OuterContainers stopped(
            String name, String ready, String engine, List<String> options, Class<?> main, String... arguments) {
        rows.add(new Row(engine, name, ready, options, main, List.of(arguments)));
        return this;
    }

    /// Runs them all, in about the order in which they were added, and gives what came of each by its name: the exit status of
    /// its JVM and what it printed.
    public Map<String, TestVm.Outcome> run(TestVm machine) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("test-vm-");
        try {
            Path project = Files.createDirectory(directory.resolve("project"));
            Path out = Files.createDirectory(directory.resolve("out"));
            String classPath = ClassPath.copy(project, Path.of(PROJECT));
            StringBuilder lines = new StringBuilder();
            for (Row row : rows) {
                lines.append(row.line(machine, classPath));
            }
            Files.writeString(project.resolve("rows"), lines);
            Path script = Path.of(System.getProperty("project.root"), "src-test-fixtures", "vm", "outer");
            Files.copy(script, project.resolve("outer"), StandardCopyOption.COPY_ATTRIBUTES);
            TestVm.Outcome outcome = machine.packages(PACKAGES).boot(
                    directory,
                    List.of("--project", project.toString(), "--out", out.toString()),
                    List.of(PROJECT + "/outer", System.getProperty("java.home"), PROJECT + "/rows"));
            return ends(out, outcome);
        } finally {
            ClassPath.delete(directory);
        }
    }

    private Map<String, TestVm.Outcome> ends(Path out, TestVm.Outcome outcome) throws IOException {
        if (outcome.status() != 0) {
            throw new AssertionError("the outer containers did not run to the end:\n" + outcome.output());
        }
        System.out.print(outcome.output()); // how long each took
        Map<String, TestVm.Outcome> ends = new LinkedHashMap<>();
        for (Row row : rows) {
            int status = Integer.parseInt(Files.readString(out.resolve(row.name() + ".status")).trim());
            ends.put(row.name(), new TestVm.Outcome(status, Files.readString(out.resolve(row.name()))));
        }
        return ends;
    }
}
