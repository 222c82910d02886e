// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// What the build packaged. For tests whose names end in `IT`: they run after the packaging, in `mvn verify`.
final class Packaged {
    static final Path PROJECT = Path.of(System.getProperty("project.root", "..")).toAbsolutePath().normalize();
    private static final Path TARGET = PROJECT.resolve("examples/target");
    static final Path JAR = TARGET.resolve("dolium-examples.jar");
    static final Path LIBRARIES = TARGET.resolve("lib");
    static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

    /// What a program printed, and its exit status.
    record Output(int status, String out, String err) {}

    private Packaged() {}

    /// The one jar of a module, for instance `lib-core`.
    static Path library(String module) throws IOException {
        List<Path> jars = new ArrayList<>();
        try (var files = Files.newDirectoryStream(PROJECT.resolve(module).resolve("target"), "dolium-*.jar")) {
            files.forEach(jars::add);
        }
        if (jars.size() != 1) {
            throw new AssertionError("not one jar in " + module + ": " + jars);
        }
        return jars.get(0);
    }

    static Output run(ProcessBuilder builder) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("packaged-");
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        try {
            Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
            process.getOutputStream().close();
            if (!process.waitFor(2, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new AssertionError(builder.command() + " does not end");
            }
            return new Output(process.exitValue(), text(out), text(err));
        } finally {
            Files.deleteIfExists(out);
            Files.deleteIfExists(err);
            Files.delete(directory);
        }
    }

    private static String text(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }
}
