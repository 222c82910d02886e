// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The `dolium` command line.
@Command(
        name = "dolium",
        version = "dolium 0.1.0",
        description = "Runs programs in containers, without a daemon.",
        subcommands = {
            RunCommand.class, CreateCommand.class, StartCommand.class, PsCommand.class, LogsCommand.class, AttachCommand.class,
            TopCommand.class, StatsCommand.class, StopCommand.class, KillCommand.class, RestartCommand.class, PauseCommand.class,
            UnpauseCommand.class, WaitCommand.class, CpCommand.class, RenameCommand.class, UpdateCommand.class, RmCommand.class,
            EventsCommand.class, ExecCommand.class, PullCommand.class, ImagesCommand.class, InspectCommand.class, DoctorCommand.class,
            CommitCommand.class, DiffCommand.class, ExportCommand.class,
            ImportCommand.class, SaveCommand.class, LoadCommand.class, TagCommand.class, PushCommand.class, HistoryCommand.class,
            RmiCommand.class, PruneCommand.class, ImageCommand.class, AfterEndCommand.class
        })
public final class Main implements Runnable {
    /// What Docker exits with when it fails itself.
    static final int OWN_FAILURE = 125;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Option(names = "--version", versionHelp = true, description = "Print the version")
    private boolean version;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is needed");
    }

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /// The command line. Executing it never throws: every failure is one message and an exit status.
    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Main());
        commandLine.setStopAtPositional(true);
        commandLine.setExpandAtFiles(false); // an argument of the command may well begin with '@'
        commandLine.setExecutionExceptionHandler((failure, line, parse) -> {
            if (!(line.getCommand() instanceof ContainerVerb)) {
                report(line, failure);
                return OWN_FAILURE;
            }
            // a container may end or begin while something is done with it
            report(line, failure instanceof IllegalStateException ? new IOException(failure.getMessage(), failure) : failure);
            return ContainerVerb.FAILED;
        });
        commandLine.setParameterExceptionHandler((failure, unparsed) -> {
            CommandLine line = failure.getCommandLine();
            report(line, failure);
            line.getErr().println("See '" + line.getCommandSpec().qualifiedName() + " --help'.");
            line.getErr().flush();
            return OWN_FAILURE;
        });
        return commandLine;
    }

    /// Prints what went wrong: one message, or all that helps to find a bug of ours.
    static void report(CommandLine line, Exception failure) {
        PrintWriter err = line.getErr();
        boolean expected = failure instanceof IOException
                || failure instanceof IllegalArgumentException
                || failure instanceof ParameterException;
        if (expected && failure.getMessage() != null) {
            err.println("dolium: " + message(failure));
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                for (Throwable earlier : cause.getSuppressed()) {
                    err.println("  also: " + earlier.getMessage());
                }
            }
        } else {
            err.println("dolium: this is a bug of dolium");
            failure.printStackTrace(err);
        }
        err.flush();
    }

    /// Exceptions of files have often nothing but the path for a message, and what it was in their type.
    private static String message(Exception failure) {
        if (!(failure instanceof FileSystemException file) || file.getReason() != null) {
            return String.valueOf(failure.getMessage());
        }
        String reason = switch (file) {
            case NoSuchFileException _ -> "no such file or directory";
            case FileAlreadyExistsException _ -> "something else is there already";
            case AccessDeniedException _ -> "permission denied";
            case NotDirectoryException _ -> "not a directory";
            case DirectoryNotEmptyException _ -> "the directory is not empty";
            default -> file.getClass().getSimpleName();
        };
        return file.getMessage() + ": " + reason;
    }
}
