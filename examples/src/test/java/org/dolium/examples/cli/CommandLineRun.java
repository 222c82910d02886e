// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.Result;
import picocli.CommandLine;

/// One execution of the command line, inside the test's JVM or in one of its own.
///
/// @param out what `dolium` itself printed; the container's output goes to the JVM's descriptors
record CommandLineRun(int status, String out, String err) {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /// Executes it in this JVM. The container has this JVM's standard streams: it must not use them.
    static CommandLineRun here(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commandLine =
                Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        int status = commandLine.execute(arguments);
        return new CommandLineRun(status, out.toString(), err.toString());
    }

    /// What the options of `dolium run` ask for.
    static ContainerBuilder builder(String... arguments) throws IOException {
        CommandLine commandLine = Main.commandLine();
        String[] line = new String[arguments.length + 1];
        line[0] = "run";
        System.arraycopy(arguments, 0, line, 1, arguments.length);
        commandLine.parseArgs(line);
        return commandLine.getSubcommands().get("run").<RunCommand>getCommand().builder();
    }

    /// Runs a container as the options ask, except for the streams, and gives its output.
    static String output(String... arguments) throws IOException, InterruptedException {
        Result result = builder(arguments).run(LIMIT);
        assertThat(result.stderr()).isEmpty();
        assertThat(result.status().success()).isTrue();
        return result.stdout();
    }

    /// The command that executes it in a JVM of its own.
    static ProcessBuilder forked(String... arguments) {
        // SIGINT is ignored in what a script started in the background, and a JVM then leaves it so
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT", java()));
        command.addAll(List.of(
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command);
    }

    /// Executes it in a JVM of its own, for a user with this home directory.
    ///
    /// @param environment more of it
    static CommandLineRun of(Path home, Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder = forked(arguments);
        builder.command().add(builder.command().indexOf("-cp"), "-Duser.home=" + home);
        builder.environment().keySet().removeIf(name -> name.matches("(?i)DOCKER_CONFIG|XDG_CONFIG_HOME|.*_PROXY"));
        builder.environment().putAll(environment);
        Path out = Files.createTempFile(home, "out", "");
        Path err = Files.createTempFile(home, "err", "");
        Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        process.getOutputStream().close();
        return new CommandLineRun(process.waitFor(), Files.readString(out), Files.readString(err));
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
