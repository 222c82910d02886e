// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.dolium.container.Container;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.LineBytes;
import org.dolium.container.Result;

/// The ways in which what `print` prints is taken. Each starts it, takes everything, waits for its end, and counts.
///
/// @param rootfs has the program as `/bin/print`
record StreamSubjects(Path rootfs) {
    private static final int CHUNK = 65536;
    private static final Redirect NOTHING = Redirect.from(new File("/dev/null"));

    private ProcessBuilder process(long bytes, int line) {
        List<String> command = List.of(rootfs.resolve("bin/print").toString(), Long.toString(bytes), Integer.toString(line));
        return new ProcessBuilder(new ArrayList<>(command))
                .redirectInput(NOTHING).redirectError(Redirect.DISCARD);
    }

    private ContainerBuilder container(long bytes, int line) {
        return Isolation.FULL.builder(rootfs, "/bin/print", Long.toString(bytes), Integer.toString(line))
                .redirectOutput(Redirect.PIPE);
    }

    void readProcess(long bytes) throws IOException, InterruptedException {
        readProcess(process(bytes, 0), bytes);
    }

    /// A process in a session of its own, as a container is: the kernel shares the processors out among sessions and cgroups.
    void readProcessApart(long bytes) throws IOException, InterruptedException {
        ProcessBuilder builder = process(bytes, 0);
        builder.command().addFirst("setsid");
        readProcess(builder, bytes);
    }

    private static void readProcess(ProcessBuilder builder, long bytes) throws IOException, InterruptedException {
        Process process = builder.start();
        count(process.getInputStream(), bytes);
        check(process.waitFor() == 0);
    }

    void readContainer(long bytes) throws IOException, InterruptedException {
        try (Container container = container(bytes, 0).start()) {
            count(container.process().getInputStream(), bytes);
            check(container.waitFor().success());
        }
    }

    private static void count(InputStream in, long bytes) throws IOException {
        byte[] chunk = new byte[CHUNK];
        long count = 0;
        for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
            count += n;
        }
        check(count == bytes);
    }

    void capture(long bytes) throws IOException, InterruptedException {
        Result result = container(bytes, 0).run();
        check(result.status().success() && result.stdoutBytes().length > 0);
    }

    void record(long bytes, Path file) throws IOException, InterruptedException {
        try (Container container = container(bytes, 0).recordStdout(file).start()) {
            check(container.waitFor().success());
        }
        check(!Files.isRegularFile(file) || Files.size(file) == bytes);
    }

    void copyProcess(long bytes, Path file) throws IOException, InterruptedException {
        Process process = process(bytes, 0).start();
        try (OutputStream out = Files.newOutputStream(file)) {
            process.getInputStream().transferTo(out);
        }
        check(process.waitFor() == 0 && Files.size(file) == bytes);
    }

    void redirectProcess(long bytes, Path file) throws IOException, InterruptedException {
        check(process(bytes, 0).redirectOutput(file.toFile()).start().waitFor() == 0 && Files.size(file) == bytes);
    }

    void redirectContainer(long bytes, Path file) throws IOException, InterruptedException {
        check(container(bytes, 0).redirectOutput(Redirect.to(file.toFile())).run().status().success() && Files.size(file) == bytes);
    }

    void readLines(long bytes, int line) throws IOException, InterruptedException {
        Process process = process(bytes, line).start();
        LineCount count = new LineCount();
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String text = reader.readLine(); text != null; text = reader.readLine()) {
                count.accept(text);
            }
        }
        count.check(bytes, line);
        check(process.waitFor() == 0);
    }

    void consumeLines(long bytes, int line) throws IOException, InterruptedException {
        LineCount count = new LineCount();
        try (Container container = container(bytes, line).onStdoutLine(count).start()) {
            check(container.waitFor().success());
        }
        count.check(bytes, line);
    }

    void consumeLineBytes(long bytes, int line) throws IOException, InterruptedException {
        LineCount count = new LineCount();
        try (Container container = container(bytes, line).onStdoutLineBytes(count).start()) {
            check(container.waitFor().success());
        }
        count.check(bytes, line);
    }

    /// How many lines there were, and how long they are in all.
    private static final class LineCount implements Consumer<String>, LineBytes {
        private long lines;
        private long characters;

        @Override
        public void accept(String text) {
            lines++;
            characters += text.length();
        }

        @Override
        public void line(byte[] bytes, int offset, int length) {
            lines++;
            characters += length;
        }

        void check(long bytes, int line) throws IOException {
            StreamSubjects.check(lines == bytes / line && characters == bytes - lines);
        }
    }

    private static void check(boolean right) throws IOException {
        if (!right) {
            throw new IOException("something else was printed, or not all of it arrived");
        }
    }
}
