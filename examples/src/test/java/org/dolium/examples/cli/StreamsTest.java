// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Standard input, output and error of `dolium run` are those of the command, byte for byte.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class StreamsTest {
    private static final byte[] LARGE = new byte[5_000_000];

    static {
        new Random(7).nextBytes(LARGE);
    }

    @TempDir
    Path directory;

    private ProcessBuilder tiny(String... command) throws IOException {
        Path root = TinyRoot.make(Files.createDirectories(directory.resolve("root")));
        String[] arguments = new String[command.length + 4];
        arguments[0] = "run";
        arguments[1] = "--rootfs";
        arguments[2] = root.toString();
        arguments[3] = "--";
        System.arraycopy(command, 0, arguments, 4, command.length);
        return CommandLineRun.forked(arguments);
    }

    @Test
    void binary_data_passes_through_pipes_unchanged() throws Exception {
        Process process = tiny("cat").redirectError(Redirect.DISCARD).start();
        Thread writer = Thread.startVirtualThread(() -> {
            try (OutputStream in = process.getOutputStream()) {
                in.write(LARGE);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        assertThat(process.getInputStream().readAllBytes()).isEqualTo(LARGE);
        writer.join();
        assertThat(process.waitFor()).isZero();
    }

    @Test
    void binary_data_passes_through_files_unchanged_and_nothing_else_is_printed() throws Exception {
        Path in = Files.write(directory.resolve("in"), LARGE);
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        Process process = tiny("sh", "-c", "head -c 2000000; cat >&2")
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        assertThat(process.waitFor()).isZero();
        // head may read more than it prints, as far as its buffer goes; the rest is a tail of the input
        byte[] printed = Files.readAllBytes(out);
        byte[] rest = Files.readAllBytes(err);
        assertThat(printed).isEqualTo(Arrays.copyOf(LARGE, 2_000_000));
        assertThat(rest).isEqualTo(Arrays.copyOfRange(LARGE, LARGE.length - rest.length, LARGE.length));
        assertThat(rest.length).isBetween(2_900_000, 3_000_000);
    }

    @Test
    void a_conversation_is_not_held_up() throws Exception {
        Process process = tiny("sh", "-c", "while read line; do echo got $line; done; exit 9")
                .redirectError(Redirect.INHERIT)
                .start();
        try (var writer = process.outputWriter()) {
            for (int i = 0; i < 3; i++) {
                writer.append("line " + i + "\n").flush();
                assertThat(process.inputReader().readLine()).isEqualTo("got line " + i);
            }
        }
        assertThat(process.waitFor()).isEqualTo(9);
    }

    @Test
    void a_reader_that_goes_away_ends_the_command() throws Exception {
        Process process = tiny("yes").redirectError(Redirect.DISCARD).start();
        assertThat(process.inputReader().readLine()).isEqualTo("y");
        process.getInputStream().close();
        assertThat(process.waitFor()).isNotZero(); // busybox yes reports EPIPE, or SIGPIPE ends it
    }

    @Test
    void odd_arguments_reach_the_command_as_they_are() throws Exception {
        String[] odd = {"", " ", "@file", "--", "-x", "--help", "a=b", "$HOME", "'\"\\", "line\nbreak"};
        String[] command = new String[odd.length + 2];
        command[0] = "printf";
        command[1] = "[%s]";
        System.arraycopy(odd, 0, command, 2, odd.length);
        Process process = tiny(command).redirectError(Redirect.INHERIT).start();
        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("[" + String.join("][", odd) + "]");
        assertThat(process.waitFor()).isZero();
    }
}
