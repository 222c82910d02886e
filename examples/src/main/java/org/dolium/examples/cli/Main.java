// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The `dolium` command line.
@Command(
        name = "dolium",
        version = "dolium 0.1.0",
        mixinStandardHelpOptions = true,
        description = "Runs programs in containers, without a daemon.",
        subcommands = RunCommand.class)
public final class Main implements Runnable {
    /// What Docker exits with when it fails itself.
    static final int OWN_FAILURE = 125;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is needed");
    }

    public static void main(String[] args) {
        System.exit(execute(args));
    }

    /// Runs the command line and returns its exit status.
    static int execute(String... args) {
        CommandLine commandLine = new CommandLine(new Main());
        commandLine.setStopAtPositional(true);
        commandLine.setExecutionExceptionHandler((failure, line, parse) -> {
            if (failure instanceof RuntimeException && !(failure instanceof IllegalArgumentException)) {
                throw failure;
            }
            PrintWriter err = line.getErr();
            err.println("dolium: " + failure.getMessage());
            err.flush();
            return OWN_FAILURE;
        });
        commandLine.setParameterExceptionHandler((failure, unparsed) -> {
            PrintWriter err = failure.getCommandLine().getErr();
            err.println("dolium: " + failure.getMessage());
            err.println("See '" + failure.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
            err.flush();
            return OWN_FAILURE;
        });
        return commandLine.execute(args);
    }
}
