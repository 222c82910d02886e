// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.dolium.kernel.Fd;
import org.dolium.launch.PipeInput;
import org.dolium.launch.PipeOutput;
import org.dolium.testing.Await;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.Logged;
import org.dolium.testing.Slow;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Output that Dolium reads itself: lines, followers, recordings.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class OutputTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

    private ContainerBuilder tiny(String script) throws Exception {
        return ContainerBuilder.create()
                .rootfs(Rootfs.directory(TinyRoot.make(Files.createDirectories(directory.resolve("root")))))
                .command("sh", "-c", script);
    }

    private static List<String> numbers(int first, int last) {
        return IntStream.rangeClosed(first, last).mapToObj(Integer::toString).toList();
    }

    private static void await(List<String> lines, String last) throws Exception {
        for (int i = 0; i < 2000 && !lines.contains(last); i++) {
            Thread.sleep(10);
        }
        assertThat(lines).contains(last);
    }

    @Test
    void every_line_is_told_and_captured_in_a_run() throws Exception {
        List<String> errors = Collections.synchronizedList(new ArrayList<>());
        Result result = tiny("seq 1 50000; echo oops >&2; printf end")
                .onStdoutLine(lines::add).onStderrLine(errors::add).run(LIMIT);
        assertThat(lines).hasSize(50_001).startsWith("1", "2").endsWith("50000", "end");
        assertThat(errors).containsExactly("oops");
        assertThat(result.stdout()).hasSize(288_894 + 3).endsWith("50000\nend");
        assertThat(result.stderr()).isEqualTo("oops\n");
        assertThat(result.truncated()).isFalse();
    }

    @Test
    void lines_are_told_as_bytes_to_who_wants_them_so() throws Exception {
        List<String> strings = Collections.synchronizedList(new ArrayList<>());
        List<String> errors = Collections.synchronizedList(new ArrayList<>());
        tiny("seq 1 200000; printf 'a\\r\\n\\n\\303\\274' >&2")
                .onStdoutLineBytes((bytes, offset, length) -> lines.add(new String(bytes, offset, length, StandardCharsets.UTF_8)))
                .onStdoutLine(strings::add)
                .onStderrLineBytes((bytes, offset, length) -> errors.add(new String(bytes, offset, length, StandardCharsets.UTF_8)))
                .run(LIMIT);
        assertThat(lines).isEqualTo(numbers(1, 200_000)).isEqualTo(strings);
        assertThat(errors).containsExactly("a", "", "ü");
    }

    /// So much that it flows: then where its lines end is found elsewhere.
    @Test
    void lines_of_much_output_are_told_as_those_of_little() throws Exception {
        tiny("seq 1 400000 | sed -e 's/3$/&\\r/' -e 's/7$/&ü/' -e 's/99$/\\n&/' >/dev/shm/much; cat /dev/shm/much")
                .onStdoutLine(lines::add).run(LIMIT);
        List<String> expected = new ArrayList<>();
        for (int i = 1; i <= 400_000; i++) {
            if (i % 100 == 99) {
                expected.add(i / 100 == 0 ? "" : Integer.toString(i / 100));
                expected.add("99");
            } else {
                expected.add(i + (i % 10 == 7 ? "ü" : ""));
            }
        }
        assertThat(lines).isEqualTo(expected);
    }

    /// The end of a pipe is seen while what was read ahead of it is not yet taken.
    @Test
    void nothing_of_much_output_is_lost_where_the_command_ends_early() throws Exception {
        Random random = new Random(1);
        for (int i = 0; i < Slow.repeats(60); i++) {
            int size = 4_500_000 + random.nextInt(1_000_000);
            Result result = tiny("head -c " + size + " /dev/zero >/dev/shm/much; exec cat /dev/shm/much").run(LIMIT);
            assertThat(result.stdoutBytes()).hasSize(size);
            assertThat(result.truncated()).isFalse();
        }
    }

    @Test
    void a_consumer_that_takes_its_time_is_told_all_lines_before_run_returns() throws Exception {
        tiny("seq 1 300").onStdoutLine(line -> {
            lines.add(line);
            LockSupport.parkNanos(25_000_000); // together longer than a consumer may need for one line
        }).run(LIMIT);
        assertThat(lines).isEqualTo(numbers(1, 300));
    }

    @Test
    void a_consumer_that_never_comes_back_is_interrupted_and_told_nothing_more() throws Exception {
        try (Logged log = Logged.everything()) {
            tiny("seq 1 3").onStdoutLine(line -> {
                lines.add(line);
                while (!Thread.interrupted()) {
                    LockSupport.park();
                }
                lines.add("interrupted");
            }).run(LIMIT);
            assertThat(log.lines()).anyMatch(line -> line.contains("a consumer of output does not come back"));
        }
        await(lines, "interrupted");
        assertThat(lines).containsExactly("1", "interrupted");
    }

    @Test
    void what_the_poller_has_not_told_when_the_command_ends_is_told_and_not_taken_for_cut_off() throws Exception {
        OutputWishes.Stream wishes = new OutputWishes.Stream();
        wishes.consumers.add(LineSplitter.strings(lines::add));
        OutputPump pump = new OutputPump(wishes, 0, null);
        Fd[] pipe = Fd.pipe();
        try (PipeInput input = new PipeInput(pipe[0])) {
            Captured captured = pump.begin(input, 100);
            try (PipeOutput output = new PipeOutput(pipe[1])) {
                output.write("first\n".getBytes(StandardCharsets.US_ASCII));
                await(lines, "first");
                synchronized (pump) { // so that the poller can't tell
                    output.write("last\n".getBytes(StandardCharsets.US_ASCII));
                    assertThat(pump.cut(false)).isFalse();
                }
            }
            pump.awaitEnd();
            assertThat(lines).containsExactly("first", "last");
            assertThat(captured.truncated()).isFalse();
            pump.close();
        }
    }

    @Test
    void who_begins_to_follow_what_flows_when_another_leaves_is_told_whole_lines() throws Exception {
        String line = "a line whose length divides nothing: ü";
        try (Container container = tiny("yes '" + line + "'").retainOutput(MemorySize.kibibytes(1)).start()) {
            Set<String> told = ConcurrentHashMap.newKeySet();
            Subscription before = container.followStdout(text -> {});
            for (int i = 0; i < Slow.repeats(2000); i++) {
                CountDownLatch some = new CountDownLatch(1);
                before.close();
                Subscription next = container.followStdout(text -> {
                    told.add(text);
                    some.countDown();
                });
                assertThat(some.await(60, TimeUnit.SECONDS)).isTrue();
                before = next;
            }
            before.close();
            assertThat(told).containsExactly(line);
        }
    }

    @Test
    void every_line_was_told_when_close_returns() throws Exception {
        try (Container container = tiny("seq 1 30000").onStdoutLine(lines::add).start()) {
            assertThat(container.process().getInputStream().read()).isEqualTo(-1);
            container.waitFor();
        }
        assertThat(lines).isEqualTo(numbers(1, 30_000));
    }

    @Test
    void a_consumer_that_fails_is_told_the_next_line() throws Exception {
        tiny("seq 1 3").onStdoutLine(line -> {
            lines.add(line);
            throw new IllegalStateException("this is expected in the test's log");
        }).run(LIMIT);
        assertThat(lines).containsExactly("1", "2", "3");
    }

    /// Not every language has checked exceptions.
    @Test
    void a_consumer_that_fails_with_a_checked_exception_is_told_the_next_line() throws Exception {
        tiny("seq 1 3").onStdoutLine(line -> {
            lines.add(line);
            OutputTest.<RuntimeException>fail(new Exception("this is expected in the test's log"));
        }).run(LIMIT);
        assertThat(lines).containsExactly("1", "2", "3");
    }

    @SuppressWarnings("unchecked") // that is the point
    private static <E extends Exception> void fail(Exception failure) throws E {
        throw (E) failure;
    }

    @Test
    void output_that_is_lost_by_an_error_is_told_so_and_not_waited_for() throws Exception {
        try (Logged log = Logged.everything()) {
            Result result = tiny("seq 1 3").onStdoutLine(line -> {
                throw new IllegalStateException() {
                    @Override
                    public String getMessage() {
                        throw new AssertionError("this can't even be logged");
                    }
                };
            }).run(LIMIT);
            assertThat(log.lines()).anyMatch(line -> line.contains("output of a container is lost"));
            assertThat(result.truncated()).isTrue();
        }
    }

    @Test
    void who_comes_late_sees_what_is_retained_and_then_what_comes() throws Exception {
        try (Container container = tiny("seq 1 1000; while read x; do echo got $x; done")
                .retainOutput(MemorySize.kibibytes(1)).start()) {
            List<String> early = Collections.synchronizedList(new ArrayList<>());
            Subscription first = container.followStdout(early::add);
            await(early, "1000");
            container.followStdout(lines::add);
            await(lines, "1000");
            assertThat(lines).isEqualTo(numbers(1000 - lines.size() + 1, 1000));
            assertThat(lines).hasSizeBetween(200, 256); // of 1024 bytes
            first.close();
            container.process().outputWriter().append("more\n").close();
            await(lines, "got more");
            assertThat(early).doesNotContain("got more");
            container.waitFor();
            List<String> after = Collections.synchronizedList(new ArrayList<>());
            container.followStdout(after::add);
            await(after, "got more");
        }
    }

    @Test
    void what_is_not_read_can_not_be_followed() throws Exception {
        try (Container container = tiny("true").start()) {
            assertThatThrownBy(() -> container.followStdout(lines::add))
                    .hasMessage("standard output can't be followed: retainOutput() was not called");
        }
    }

    @Test
    void a_consumer_that_takes_its_time_lets_the_container_wait() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (Container container = tiny("echo first; yes | head -c 10000000; touch /tmp/through; sleep 1000")
                .onStdoutLine(line -> {
                    lines.add(line.substring(0, 1));
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                })
                .start()) {
            await(lines, "f");
            Thread.sleep(300);
            assertThat(lines).hasSize(1);
            assertThat(directory.resolve("root/tmp/through")).doesNotExist();
            go.countDown();
            assertThat(Await.within(Slow.seconds(120), () -> Files.exists(directory.resolve("root/tmp/through")))).isTrue();
        }
        assertThat(lines).hasSize(5_000_001);
    }

    @Test
    void output_is_recorded_behind_what_was_there() throws Exception {
        Path log = Files.writeString(directory.resolve("log"), "before\n");
        Result result = tiny("seq 1 100000; readlink /proc/self/fd/1 >&2").recordStdout(log).run(LIMIT);
        assertThat(result.stdout()).isEmpty();
        assertThat(result.stderr()).startsWith("pipe:[");
        assertThat(Files.readAllLines(log)).hasSize(100_001).startsWith("before", "1").endsWith("100000");
    }

    @Test
    void who_prints_what_can_not_be_recorded_is_told_so_by_a_signal_and_nobody_waits() throws Exception {
        try (Logged log = Logged.everything()) {
            Result result = tiny("seq 1 3000000; echo status $? >&2").recordStdout(Path.of("/dev/full")).run(LIMIT);
            assertThat(result.stderr()).isEqualTo("status 141\n");
            assertThat(log.lines()).anyMatch(line -> line.contains("output of a container is lost"));
        }
    }

    @Test
    void what_makes_no_sense_is_refused() throws Exception {
        assertThatThrownBy(tiny("true").onStdoutLine(lines::add).redirectOutput(Redirect.DISCARD)
                        .onStderrLine(lines::add).redirectErrorStream(true)::build)
                .hasMessageContaining("standard output is redirected, and can't be read or recorded as well")
                .hasMessageContaining("standard error is merged into standard output");
    }

    @Test
    void lines_of_a_terminal_are_told_too() throws Exception {
        tiny("seq 1 5000; echo error >&2").terminal().onStdoutLine(lines::add).run(LIMIT);
        assertThat(lines).hasSize(5001).startsWith("1").endsWith("5000", "error");
    }

    @Test
    void the_threads_do_not_grow_with_the_containers() throws Exception {
        int count = 60;
        List<Container> containers = new ArrayList<>();
        CountDownLatch all = new CountDownLatch(count * 2000);
        try {
            ContainerSpec spec = tiny("i=0; while [ $i -lt 20 ]; do seq 1 100; sleep 0.02; i=$((i+1)); done; sleep 1000")
                    .onStdoutLine(line -> all.countDown()).build();
            containers.add(spec.start());
            Thread.sleep(100);
            int before = platformThreads();
            for (int i = 1; i < count; i++) {
                containers.add(spec.start());
            }
            int most = platformThreads();
            while (!all.await(20, TimeUnit.MILLISECONDS)) {
                most = Math.max(most, platformThreads());
            }
            assertThat(most).isLessThan(before + count / 3); // carriers of virtual threads
        } finally {
            containers.forEach(Container::close);
        }
    }

    private static int platformThreads() {
        return Thread.getAllStackTraces().size();
    }
}
