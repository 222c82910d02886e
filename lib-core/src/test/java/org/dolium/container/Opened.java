// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/// A container that tests run further commands in: one that lives with this JVM, or one that is found again for each of them.
interface Opened extends AutoCloseable {
    ExecBuilder exec(String... words) throws Exception;

    /// The next line that it prints.
    String readLine() throws Exception;

    /// Writes an empty line to its standard input, waits for its end, and tells what else it has printed.
    String finish() throws Exception;

    long pid() throws Exception;

    void kill(Signal signal) throws Exception;

    @Override
    void close() throws Exception;

    static Opened attached(ContainerBuilder builder) throws Exception {
        return new Attached(builder.start());
    }

    /// @param directory where the state directory is
    static Opened found(Path directory, ContainerBuilder builder) throws Exception {
        Path input = directory.resolve("input-" + System.nanoTime());
        if (new ProcessBuilder("mkfifo", "-m", "666", input.toString()).start().waitFor() != 0) {
            throw new AssertionError("no fifo");
        }
        RandomAccessFile writer = new RandomAccessFile(input.toFile(), "rw"); // does not wait for a reader
        Path state = directory.resolve("state");
        try {
            DetachedContainer made = Containers.at(state).start(builder.redirectInput(Redirect.from(input.toFile())), DetachedOptions.standard());
            return new Found(state, made.id(), input, writer);
        } catch (Exception e) {
            writer.close();
            throw e;
        }
    }

    record Attached(Container container) implements Opened {
        @Override
        public ExecBuilder exec(String... words) {
            return container.exec(words);
        }

        @Override
        public String readLine() throws Exception {
            return container.process().inputReader().readLine();
        }

        @Override
        public String finish() throws Exception {
            try (OutputStream input = container.process().getOutputStream()) {
                input.write('\n');
            }
            return new String(container.process().getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }

        @Override
        public long pid() {
            return container.pid();
        }

        @Override
        public void kill(Signal signal) {
            container.kill(signal);
        }

        @Override
        public void close() {
            container.close();
        }
    }

    final class Found implements Opened {
        private final Path state;
        private final String id;
        private final Path input;
        private final RandomAccessFile writer;
        private int read;

        private Found(Path state, String id, Path input, RandomAccessFile writer) {
            this.state = state;
            this.id = id;
            this.input = input;
            this.writer = writer;
        }

        Path state() {
            return state;
        }

        /// By nothing but what is in the state directory.
        DetachedContainer container() throws Exception {
            return Containers.at(state).find(id).orElseThrow();
        }

        @Override
        public ExecBuilder exec(String... words) throws Exception {
            return container().exec(words);
        }

        private List<LogLine> printed() throws Exception {
            return container().logs().streams(true, false).lines();
        }

        @Override
        public String readLine() throws Exception {
            DetachedCases.await("a line", () -> printed().size() > read);
            return printed().get(read++).text();
        }

        @Override
        public String finish() throws Exception {
            writer.write('\n');
            container().waitFor();
            return printed().stream().skip(read).map(LogLine::text).collect(Collectors.joining("\n"));
        }

        @Override
        public long pid() throws Exception {
            return container().pid().orElseThrow();
        }

        @Override
        public void kill(Signal signal) throws Exception {
            container().kill(signal);
        }

        @Override
        public void close() throws Exception {
            writer.close();
            Files.delete(input);
            container().remove(true);
        }
    }
}
