// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.LineEnds;
import org.dolium.kernel.Memory;
import org.dolium.linux.Sys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PipeStreamsTest {
    private static final Duration SOON = Duration.ofMillis(100);
    private static final int MUCH = 1 << 24;
    private static final int MOST_WIDE = 32;
    private static final Duration PAUSE = Duration.ofMillis(10);
    private static final int F_GETPIPE_SZ = 1032;
    private static final int FIONREAD = 0x541B;
    private static final int MORE_THAN_A_PIPE_HOLDS = 1 << 20;

    private PipeInput input;
    private PipeOutput output;

    @BeforeEach
    void open() throws IOException {
        Fd[] pipe = Fd.pipe();
        input = new PipeInput(pipe[0]);
        output = new PipeOutput(pipe[1]);
    }

    @AfterEach
    void close() {
        input.close();
        output.close();
    }

    @Test
    void what_is_written_is_read_whatever_its_size() throws Exception {
        byte[] bytes = new byte[MORE_THAN_A_PIPE_HOLDS];
        new Random(1).nextBytes(bytes);
        CompletableFuture<Void> writer = run(() -> {
            output.write(bytes);
            output.close();
        });
        assertThat(input.readAllBytes()).isEqualTo(bytes);
        writer.get(20, TimeUnit.SECONDS);
    }

    @Test
    void the_end_is_read_when_the_other_side_is_closed() throws IOException {
        output.write('x');
        output.close();
        assertThat(input.read()).isEqualTo('x');
        assertThat(input.read()).isEqualTo(-1);
        assertThat(input.read()).isEqualTo(-1);
    }

    @Test
    void bytes_above_127_are_not_negative() throws IOException {
        output.write(0xff);
        assertThat(input.read()).isEqualTo(0xff);
    }

    @Test
    void what_is_there_is_counted_and_given_without_waiting_for_more() throws IOException {
        assertThat(input.available()).isZero();
        output.write(new byte[] {1, 2, 3});
        assertThat(input.available()).isEqualTo(3);
        byte[] target = new byte[10];
        assertThat(input.read(target, 2, 8)).isEqualTo(3);
        assertThat(Arrays.copyOf(target, 6)).containsExactly(0, 0, 1, 2, 3, 0);
        assertThat(input.read(target, 0, 0)).isZero();
    }

    @Test
    void writing_to_nobody_is_an_error_and_no_signal() {
        input.close();
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> output.write(1))
                .withMessageContaining("broken pipe");
    }

    @Test
    void a_closed_stream_says_so_and_may_be_closed_again() {
        input.close();
        output.close();
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> input.read()).withMessage("stream closed");
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> output.write(1)).withMessage("stream closed");
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> input.available()).withMessage("stream closed");
        input.close();
        output.close();
    }

    @Test
    void a_thread_that_waits_for_input_is_let_go_by_close() throws Exception {
        CompletableFuture<Void> reader = run(() -> input.read());
        stillRuns(reader);
        input.close();
        failsWith(reader, "stream closed");
    }

    @Test
    void a_thread_that_waits_for_room_is_let_go_by_close() throws Exception {
        CompletableFuture<Void> writer = run(() -> output.write(new byte[MORE_THAN_A_PIPE_HOLDS]));
        stillRuns(writer);
        output.close();
        failsWith(writer, "stream closed");
    }

    @Test
    void a_waiting_thread_can_be_interrupted_and_stays_so() throws Exception {
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        Thread reader = Thread.ofVirtual().start(() -> {
            try {
                input.read();
            } catch (InterruptedIOException e) {
                interrupted.complete(Thread.currentThread().isInterrupted());
            } catch (IOException e) {
                interrupted.completeExceptionally(e);
            }
        });
        Thread.sleep(SOON);
        reader.interrupt();
        assertThat(interrupted.get(20, TimeUnit.SECONDS)).isTrue();
        output.write('y');
        assertThat(input.read()).isEqualTo('y');
    }

    /// As with the JDK's own streams, several threads may read one.
    @Test
    void two_threads_may_wait_for_the_same_stream() throws Exception {
        CompletableFuture<Void> one = run(() -> input.read());
        CompletableFuture<Void> other = run(() -> input.read());
        stillRuns(one);
        stillRuns(other);
        output.write(new byte[] {1, 2});
        one.get(20, TimeUnit.SECONDS);
        other.get(20, TimeUnit.SECONDS);
    }

    @Test
    void what_flows_is_read_ahead_and_nothing_of_it_is_lost() throws Exception {
        byte[] bytes = new byte[MUCH];
        Random random = new Random(2);
        random.nextBytes(bytes);
        CompletableFuture<Void> writer = run(() -> {
            for (int at = 0; at < MUCH; at += MUCH / 64) {
                output.write(bytes, at, MUCH / 64);
            }
            output.close();
        });
        byte[] read = new byte[MUCH];
        for (int size = 0; size < MUCH; ) {
            int wanted = Math.min(MUCH - size, 1 + random.nextInt(200_000));
            int n = input.read(read, size, wanted);
            assertThat(n).isBetween(1, wanted);
            size += n;
        }
        writer.get(20, TimeUnit.SECONDS);
        assertThat(read).isEqualTo(bytes);
        assertThat(input.read()).isEqualTo(-1);
        assertThat(input.available()).isZero();
    }

    @Test
    void what_was_read_ahead_is_counted_as_being_there() throws Exception {
        flow(input, output);
        output.write(new byte[1000]);
        assertThat(input.read()).isZero();
        assertThat(input.available()).isEqualTo(999);
        output.write(new byte[10]);
        assertThat(input.available()).isEqualTo(1009);
        assertThat(input.read(new byte[2000])).isEqualTo(999);
        assertThat(input.tryRead(new byte[2000], 0, 2000)).isEqualTo(10);
        assertThat(input.tryRead(new byte[2000], 0, 2000)).isZero();
    }

    @Test
    void all_that_is_there_is_taken_at_once_so_that_who_prints_can_go_on() throws Exception {
        flow(input, output);
        output.write(new byte[200_000]);
        assertThat(input.read()).isZero();
        assertThat(kept(input, "between")).isNotNull();
        assertThat(unread(input.fd())).as("in the pipe of who prints").isZero();
        assertThat(input.available()).isEqualTo(199_999);
        output.write(new byte[10_000]);
        assertThat(input.available()).isEqualTo(209_999);
        assertThat(input.readNBytes(209_999)).hasSize(209_999);
        assertThat(input.available()).isZero();
        assertThat(input.tryRead(new byte[1], 0, 1)).isZero();
        output.write(7);
        output.close();
        assertThat(input.read()).isEqualTo(7);
        assertThat(input.read()).isEqualTo(-1);
        assertThat(kept(input, "between")).isNull();
    }

    @Test
    void what_flows_is_read_where_it_can_not_be_moved() throws Exception {
        flow(input, output);
        output.write("before".getBytes(StandardCharsets.US_ASCII));
        assertThat(input.readNBytes(6)).isEqualTo("before".getBytes(StandardCharsets.US_ASCII));
        Object[] pipe = (Object[]) kept(input, "between");
        Fd[] other = Fd.pipe();
        ((Fd) pipe[1]).close();
        pipe[1] = other[0]; // nothing can be written there
        output.write("after".getBytes(StandardCharsets.US_ASCII));
        assertThat(input.readNBytes(5)).isEqualTo("after".getBytes(StandardCharsets.US_ASCII));
        assertThat(kept(input, "between")).isNull();
        output.write("more".getBytes(StandardCharsets.US_ASCII));
        assertThat(input.readNBytes(4)).isEqualTo("more".getBytes(StandardCharsets.US_ASCII));
        assertThat(kept(input, "between")).as("not tried again").isNull();
        other[1].close();
    }

    @Test
    void who_is_interrupted_before_its_turn_leaves_nothing_behind() throws Exception {
        flow(input, output);
        output.write(1);
        assertThat(input.read()).isEqualTo(1);
        StreamFd stream = (StreamFd) kept(input, "stream");
        stream.takeTurn();
        Thread reader = Thread.ofPlatform().daemon().start(() -> {
            try {
                input.read();
            } catch (IOException e) {
                // that is expected
            }
        });
        while (reader.getState() != Thread.State.WAITING) { // the time limit of the class ends this
            Thread.sleep(1);
        }
        input.close();
        assertThat(kept(input, "between")).isNotNull();
        stream.release(); // but its turn is not given, so that the reader is the last
        reader.interrupt();
        reader.join();
        assertThat(kept(input, "between")).isNull();
        assertThat(kept(input, "ahead")).isNull();
    }

    @Test
    void where_lines_end_is_found_in_whole_pieces_of_what_flows() throws Exception {
        LineEnds ends = new LineEnds();
        byte[] target = new byte[PipeInput.CHUNK];
        output.write("a\nb\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(input.tryRead(target, 0, target.length, ends)).isEqualTo(4);
        assertThat(ends.known()).as("not flowing").isFalse();
        flow(input, output);
        output.write("a\nb\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(input.tryRead(target, 0, target.length, ends)).isEqualTo(4);
        assertThat(ends.known()).isTrue();
        assertThat(ends.newlines(0)).isEqualTo(0b1010);
        output.write("c\n\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(input.tryRead(target, 0, 2, ends)).isEqualTo(2);
        assertThat(ends.known()).as("a part").isFalse();
        assertThat(input.tryRead(target, 0, target.length, ends)).isEqualTo(1);
        assertThat(ends.known()).as("the rest").isFalse();
        assertThat(input.tryRead(target, 0, target.length, ends)).isZero();
        assertThat(ends.known()).as("nothing").isFalse();
    }

    /// The kernel bounds what the pipes of a user may hold.
    @Test
    void a_stream_that_flows_has_a_wider_pipe_unless_many_have_one() throws Exception {
        assertThat(size(input)).isEqualTo(65536);
        List<PipeInput> open = new ArrayList<>();
        try {
            for (int i = 0; i < 2 * MOST_WIDE; i++) {
                open.add(input);
                flow(input, output);
                assertThat(size(input)).isEqualTo(i < MOST_WIDE ? 262_144 : 65536);
                output.close();
                open();
            }
        } finally {
            open.forEach(PipeInput::close);
        }
        flow(input, output);
        assertThat(size(input)).as("when the others are closed").isEqualTo(262_144);
    }

    @Test
    void what_comes_with_pauses_does_not_flow_however_much_it_is() throws Exception {
        byte[] piece = new byte[32768];
        for (int i = 0; i < 80; i++) {
            output.write(piece);
            assertThat(input.readNBytes(piece.length)).isEqualTo(piece);
            assertThat(input.tryRead(piece, 0, 1)).isZero();
            Thread.sleep(PAUSE);
        }
        assertThat(size(input)).isEqualTo(65536);
    }

    @Test
    void a_stream_that_pauses_gives_its_place_to_others_until_it_flows_again() throws Exception {
        flow(input, output);
        assertThat(size(input)).isEqualTo(262_144);
        assertThat(input.tryRead(new byte[1], 0, 1)).isZero();
        Thread.sleep(PAUSE);
        flow(input, output);
        assertThat(size(input)).isEqualTo(262_144);
        assertThat(input.tryRead(new byte[1], 0, 1)).isZero();
        Thread.sleep(PAUSE);
        output.write(1);
        assertThat(input.read()).isEqualTo(1);
        assertThat(size(input)).isEqualTo(65536);
    }

    @Test
    void who_waits_in_vain_has_no_wide_pipe_meanwhile() throws Exception {
        List<Thread.Builder> kinds = new ArrayList<>(List.of(Thread.ofPlatform().daemon()));
        if (Runtime.getRuntime().availableProcessors() > 1) { // a virtual thread may keep its carrier for a moment
            kinds.add(Thread.ofVirtual());
        }
        for (Thread.Builder kind : kinds) {
            flow(input, output);
            assertThat(size(input)).isEqualTo(262_144);
            CompletableFuture<Void> reader = run(kind, () -> input.read());
            while (size(input) != 65536) { // the time limit of the class ends this
                Thread.sleep(1);
            }
            output.write(1);
            reader.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void a_stream_at_its_end_has_no_wide_pipe() throws Exception {
        flow(input, output);
        output.close();
        assertThat(size(input)).isEqualTo(262_144);
        assertThat(input.read()).isEqualTo(-1);
        assertThat(size(input)).isEqualTo(65536);
    }

    @Test
    void one_that_flows_into_a_file_has_a_wider_pipe_until_it_pauses_or_ends() throws Exception {
        byte[] piece = new byte[32768];
        try (Fd file = Fd.open("/dev/null", 1, 0)) {
            for (boolean pauses : new boolean[] {true, false}) {
                for (int come = 0; come <= MUCH; come += piece.length) {
                    output.write(piece);
                    assertThat(input.trySplice(file)).isEqualTo(piece.length);
                }
                assertThat(size(input)).isEqualTo(262_144);
                assertThat(kept(input, "between")).as("another pipe, so that who prints need not wait for the file").isNotNull();
                if (pauses) {
                    assertThat(input.trySplice(file)).isZero();
                    Thread.sleep(PAUSE);
                    assertThat(input.trySplice(file)).isZero();
                } else {
                    output.close();
                    assertThat(input.trySplice(file)).isEqualTo(-1);
                }
                assertThat(size(input)).as("pauses: " + pauses).isEqualTo(65536);
                assertThat(kept(input, "between")).as("pauses: " + pauses).isNull();
            }
        }
    }

    @Test
    void what_flows_into_a_file_is_all_there_and_in_its_order(@TempDir Path directory) throws Exception {
        byte[] bytes = new byte[MUCH];
        new Random(3).nextBytes(bytes);
        Path path = Files.createFile(directory.resolve("file"));
        CompletableFuture<Void> writer = run(() -> {
            output.write(bytes);
            output.close();
        });
        try (Fd file = Fd.open(path.toString(), 1, 0)) {
            for (int n = 0; n >= 0; n = input.trySplice(file)) {
                if (n == 0) {
                    input.awaitBriefly();
                }
            }
        }
        writer.get(20, TimeUnit.SECONDS);
        assertThat(Files.readAllBytes(path)).isEqualTo(bytes);
    }

    @Test
    void what_can_not_be_written_to_a_file_is_told() throws Exception {
        byte[] piece = new byte[32768];
        try (Fd nothing = Fd.open("/dev/null", 1, 0);
                Fd full = Fd.open("/dev/full", 1, 0)) {
            for (int come = 0; come <= MUCH; come += piece.length) {
                output.write(piece);
                input.trySplice(nothing);
            }
            output.write(piece);
            assertThatThrownBy(() -> input.trySplice(full)).isInstanceOf(IOException.class).hasMessageContaining("splice(");
            assertThat(kept(input, "between")).as("with what is left in it").isNull();
        }
    }

    @Test
    void a_stream_that_ended_or_is_closed_keeps_no_memory_outside_the_heap() throws Exception {
        for (boolean ends : new boolean[] {true, false}) {
            flow(input, output);
            assertThat(kept(input, "ahead")).isNotNull();
            output.close();
            if (ends) {
                assertThat(input.read()).isEqualTo(-1);
            } else {
                input.close();
            }
            assertThat(kept(input, "ahead")).as("ends: " + ends).isNull();
            input.close();
            open();
        }
    }

    private static int unread(Fd fd) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Memory count = Memory.allocate(arena, 8);
            Kernel.check(Kernel.call(Sys.IOCTL, fd.number(), FIONREAD, count.address()), "ioctl(FIONREAD)");
            return count.getInt(0);
        }
    }

    private static Object kept(PipeInput input, String name) throws ReflectiveOperationException {
        Field field = PipeInput.class.getDeclaredField(name);
        field.setAccessible(true);
        return field.get(input);
    }

    @Test
    void one_carrier_is_left_whatever_their_number_is() throws Exception {
        Thread.ofVirtual().start(() -> {}).join(); // the JDK has read its properties
        int processors = Runtime.getRuntime().availableProcessors();
        assertThat(StreamFd.mostKept()).isEqualTo(processors - 1);
        for (String name : List.of("jdk.virtualThreadScheduler.parallelism", "jdk.virtualThreadScheduler.maxPoolSize")) {
            try {
                System.setProperty(name, "1");
                assertThat(StreamFd.mostKept()).as(name).isZero();
                System.setProperty(name, "1000");
                assertThat(StreamFd.mostKept()).as(name).isEqualTo(processors - 1);
            } finally {
                System.clearProperty(name);
            }
        }
    }

    private static long size(PipeInput input) throws IOException {
        return Kernel.check(Kernel.call(Sys.FCNTL, input.fd().number(), F_GETPIPE_SZ, 0), "fcntl(F_GETPIPE_SZ)");
    }

    private static void flow(PipeInput input, PipeOutput output) throws IOException {
        byte[] piece = new byte[32768];
        for (int i = 0; i < 64; i++) {
            output.write(piece);
            assertThat(input.readNBytes(piece.length)).isEqualTo(piece);
        }
    }

    private interface Action {
        void run() throws IOException;
    }

    private static CompletableFuture<Void> run(Action action) {
        return run(Thread.ofVirtual(), action);
    }

    private static CompletableFuture<Void> run(Thread.Builder kind, Action action) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        kind.start(() -> {
            try {
                action.run();
                done.complete(null);
            } catch (Throwable e) {
                done.completeExceptionally(e);
            }
        });
        return done;
    }

    private static void stillRuns(CompletableFuture<Void> future) throws Exception {
        try {
            future.get(SOON.toMillis(), TimeUnit.MILLISECONDS);
            throw new AssertionError("did not wait");
        } catch (TimeoutException e) {
            // as it should
        }
    }

    private static void failsWith(CompletableFuture<Void> future, String message) {
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> future.get(20, TimeUnit.SECONDS))
                .havingCause()
                .isInstanceOf(IOException.class)
                .withMessage(message);
    }
}
