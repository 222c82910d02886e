// SPDX-License-Identifier: Apache-2.0
package org.dolium.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.dolium.kernel.Fd;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Logs that are read while they are written and their files exchanged, as a monitor does it.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class LogTapeTest {
    private static final int FILES = 4;

    @TempDir
    Path directory;

    private Path container = Path.of("");

    @BeforeEach
    void container() throws Exception {
        try (StateDirectory state = StateDirectory.open(directory.resolve("state"));
                Fd _ = state.lock();
                Entry entry = state.make(StateDirectory.newId())) {
            container = directory.resolve("state/containers").resolve(entry.id());
        }
    }

    private LogTape tape() throws IOException {
        try (StateDirectory state = StateDirectory.open(directory.resolve("state"))) {
            return new LogTape(state.entry(container.getFileName().toString()).folder(), FILES);
        }
    }

    private static byte[] record(int stream, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(24 + bytes.length).order(ByteOrder.LITTLE_ENDIAN).putLong(1000).putLong(7)
                .putInt(bytes.length).putInt(stream).put(bytes).array();
    }

    private void write(byte[] bytes) throws IOException {
        Path log = container.resolve("log");
        if (!Files.exists(log)) {
            Files.createFile(log, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        }
        Files.write(log, bytes, StandardOpenOption.APPEND);
    }

    private void rotate() throws IOException {
        for (int i = FILES - 2; i >= 0; i--) {
            Path from = container.resolve(i == 0 ? "log" : "log." + i);
            if (Files.exists(from)) {
                Files.move(from, container.resolve("log." + (i + 1)), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static List<String> rest(LogTape tape) throws IOException {
        List<String> texts = new ArrayList<>();
        for (LogRecord record = tape.next(); record != null; record = tape.next()) {
            texts.add((record.error() ? "2" : "1") + new String(record.bytes(), StandardCharsets.UTF_8));
        }
        return texts;
    }

    @Test
    void records_come_in_their_order_over_all_files() throws Exception {
        for (int i = 0; i < FILES; i++) {
            write(record(1, "a" + i));
            write(record(2, "b" + i));
            if (i < FILES - 1) {
                rotate();
            }
        }
        try (LogTape tape = tape()) {
            assertThat(rest(tape)).containsExactly("1a0", "2b0", "1a1", "2b1", "1a2", "2b2", "1a3", "2b3");
            write(record(1, "more"));
            assertThat(rest(tape)).containsExactly("1more");
            write(record(1, "last"));
            rotate();
            write(record(1, "next"));
            assertThat(rest(tape)).containsExactly("1last", "1next");
            assertThat(tape.missed()).isFalse();
        }
    }

    @Test
    void an_empty_log_and_none_are_no_error() throws Exception {
        try (LogTape tape = tape()) {
            assertThat(tape.next()).isNull();
            write(record(1, "first"));
            assertThat(rest(tape)).containsExactly("1first");
        }
    }

    @Test
    void a_record_that_is_not_complete_is_waited_for() throws Exception {
        byte[] record = record(1, "abc");
        try (LogTape tape = tape()) {
            for (byte one : record) {
                assertThat(tape.next()).isNull();
                write(new byte[] {one});
            }
            assertThat(rest(tape)).containsExactly("1abc");
        }
    }

    @Test
    void a_reader_that_was_too_slow_is_told_so_and_goes_on() throws Exception {
        write(record(1, "0"));
        try (LogTape tape = tape()) {
            assertThat(rest(tape)).containsExactly("10");
            for (int i = 1; i < 3 * FILES; i++) {
                rotate();
                write(record(1, Integer.toString(i)));
            }
            assertThat(rest(tape)).containsExactly("18", "19", "110", "111");
            assertThat(tape.missed()).isTrue();
        }
    }

    @Test
    void the_rest_of_a_file_whose_writer_was_killed_is_left_out() throws Exception {
        write(record(1, "whole"));
        write(java.util.Arrays.copyOf(record(1, "half"), 26));
        rotate();
        write(record(1, "after"));
        try (LogTape tape = tape()) {
            assertThat(rest(tape)).containsExactly("1whole", "1after");
            assertThat(tape.missed()).isTrue();
        }
    }

    @Test
    void what_is_no_record_is_told_and_never_shown() throws Exception {
        write(record(1, "good"));
        write(record(3, "bad"));
        try (LogTape tape = tape()) {
            assertThat(tape.next()).isNotNull();
            assertThatThrownBy(tape::next).isInstanceOf(IOException.class).hasMessageContaining("is damaged").hasMessageContaining("byte 28");
        }
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES)
    void no_record_is_lost_or_doubled_while_files_are_exchanged() throws Exception {
        int all = 3000;
        Semaphore ahead = new Semaphore(20); // records: two files of ten
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> writer = threads.submit(() -> {
                for (int i = 0; i < all; i++) {
                    ahead.acquire();
                    if (i % 10 == 0) {
                        rotate();
                    }
                    write(record(1 + i % 2, Integer.toString(i)));
                }
                return null;
            });
            try (LogTape tape = tape()) {
                for (int i = 0; i < all; ) {
                    LogRecord record = tape.next();
                    if (record == null) {
                        Thread.onSpinWait();
                        continue;
                    }
                    assertThat(new String(record.bytes(), StandardCharsets.UTF_8)).isEqualTo(Integer.toString(i));
                    assertThat(record.error()).isEqualTo(i % 2 == 1);
                    i++;
                    ahead.release();
                }
                assertThat(tape.next()).isNull();
                assertThat(tape.missed()).isFalse();
            }
            writer.get();
        }
    }
}
