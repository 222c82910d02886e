// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// The running C program of `limit.c`: it performs launch plans, and starts the peers so that they do not pay for being
/// started from a JVM.
final class Referee implements AutoCloseable {
    private final Process process;
    private final BufferedWriter commands;
    private final BufferedReader answers;

    private Referee(Process process) {
        this.process = process;
        commands = process.outputWriter();
        answers = process.inputReader();
    }

    static Referee start(Path program) throws IOException {
        return new Referee(new ProcessBuilder(program.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /// A subject that performs the plan in `file`.
    Subject plan(String name, Path file) throws IOException {
        return define(name, "plan " + key(name) + " " + file);
    }

    /// A subject that runs a program; `@` in an argument becomes a number that no other start has.
    Subject command(String name, List<String> command) throws IOException {
        return define(name, "command " + key(name) + "\t" + String.join("\t", command));
    }

    /// Has it keep files open.
    ///
    /// @param list a file with a path on each line
    void open(Path list) throws IOException {
        ask("files " + list);
    }

    /// Reads the number in each of them, several times.
    long[] readNanos(int times) throws IOException {
        return numbers(ask("read " + times));
    }

    private static long[] numbers(String answer) {
        String[] words = answer.split(" ");
        long[] numbers = new long[words.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Long.parseLong(words[i]);
        }
        return numbers;
    }

    private Subject define(String name, String command) throws IOException {
        ask(command);
        return new Started(key(name), this);
    }

    private static String key(String name) {
        return name.replaceAll("\\W", "_");
    }

    private synchronized String ask(String command) throws IOException {
        commands.write(command);
        commands.newLine();
        commands.flush();
        String answer = answers.readLine();
        if (answer == null || answer.startsWith("error")) {
            throw new IOException("referee: '" + command + "': " + answer);
        }
        return answer;
    }

    private record Started(String key, Referee referee) implements Subject {
        @Override
        public long[] startToExitNanos(int n, Duration gap) throws IOException {
            return numbers(referee.ask("start " + key + " " + n + " " + gap.toNanos() / 1000));
        }

        @Override
        public double startsPerSecond(int inFlight, Duration time) throws IOException {
            String[] words = referee.ask("rate " + key + " " + inFlight + " " + time.toMillis()).split(" ");
            return Long.parseLong(words[0]) * 1e9 / Long.parseLong(words[1]);
        }
    }

    @Override
    public void close() throws IOException {
        commands.close();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
