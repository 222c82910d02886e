// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.Network;
import org.dolium.container.Result;
import org.dolium.linux.Errno;
import org.dolium.seccomp.SeccompAction;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.seccomp.SeccompRule;

/// A build step in a sandbox: the compiler sees the host's programs and the source tree, both read-only, writes to one
/// output directory, and has no network. Whatever else the host has, it can't be read, not even by
/// `#include "/home/me/.ssh/id_rsa"`.
///
/// `CompileSandbox SOURCES OUTPUT` compiles the Java or the C files of a directory.
public final class CompileSandbox {
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private CompileSandbox() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        Path sources = Path.of(args[0]);
        Path output = Files.createDirectories(Path.of(args[1]));
        Result result = files(sources, ".java").isEmpty() ? compileC(sources, output) : compileJava(sources, output);
        System.err.print(result.stderr());
        System.exit(result.status().shellCode());
    }

    /// Compiles every `.java` file below `sources` to class files in `output`.
    static Result compileJava(Path sources, Path output) throws IOException, InterruptedException {
        String javac = Path.of(System.getProperty("java.home"), "bin", "javac").toRealPath().toString();
        List<String> command = new ArrayList<>(List.of(javac, "-proc:none", "-d", "/out"));
        command.addAll(files(sources, ".java"));
        return run(sources, output, command);
    }

    /// Compiles every `.c` file below `sources` to the program `output/program`.
    static Result compileC(Path sources, Path output) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("gcc", "-Wall", "-o", "/out/program"));
        command.addAll(files(sources, ".c"));
        return run(sources, output, command);
    }

    /// Runs one step: it reads `/src`, writes `/out`, and that is all it can do.
    static Result run(Path sources, Path output, List<String> command) throws IOException, InterruptedException {
        // README:start strict
        // no sockets but local ones, no change of user; and no memory files, which could be executed
        SeccompProfile profile = SeccompProfile.strict()
                .with(SeccompRule.of(SeccompAction.errno(Errno.EACCES), "memfd_create"));
        // README:end
        try (HostPrograms programs = new HostPrograms()) {
            // README:start compile
            ContainerBuilder builder = ContainerBuilder.create()
                    .command(command)
                    .bindReadOnly(sources, "/src")
                    .bind(output, "/out")
                    .workingDirectory("/out")
                    .seccomp(profile)
                    .network(Network.none());
            programs.rootOf(builder); // /usr, /bin, /lib… of the host, read-only, and nothing else of it
            return builder.run(LIMIT);
            // README:end
        }
    }

    /// The files with an ending, by their names in the sandbox.
    private static List<String> files(Path sources, String ending) throws IOException {
        try (Stream<Path> files = Files.walk(sources)) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .map(file -> "/src/" + sources.relativize(file))
                    .sorted()
                    .toList();
        }
    }
}
