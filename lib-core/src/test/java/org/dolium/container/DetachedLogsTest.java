// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Sys;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("kernel")
@ExtendWith(LeakCheck.class)
class DetachedLogsTest extends DetachedCases {
    private static final String PADDING = "-".repeat(25);

    private static List<String> texts(List<LogLine> lines) {
        return lines.stream().map(LogLine::text).toList();
    }

    @Test
    void lines_can_be_chosen_by_number_and_by_time() throws Exception {
        DetachedContainer container = containers.start(
                script("for i in 1 2 3; do echo $i; done; while [ ! -e /tmp/go ]; do sleep 0.1; done; echo 4; printf 5"));
        awaitLine(container, "3");
        Instant between = Instant.now();
        container.files().write("/tmp/go", "");
        container.waitFor();
        ContainerLogs logs = container.logs();
        assertThat(texts(logs.lines())).containsExactly("1", "2", "3", "4", "5");
        assertThat(texts(logs.tail(2).lines())).containsExactly("4", "5");
        assertThat(texts(logs.tail(0).lines())).isEmpty();
        assertThat(texts(logs.tail(100).lines())).hasSize(5);
        assertThat(texts(logs.since(between).lines())).containsExactly("4", "5");
        assertThat(texts(logs.until(between).lines())).containsExactly("1", "2", "3");
        assertThat(texts(logs.since(between).tail(1).lines())).containsExactly("5");
        assertThat(texts(logs.follow().tail(2).lines())).containsExactly("4", "5");
        assertThat(logs.lines().getLast().isWhole()).isFalse();
        assertThat(logs.lines().getFirst().bytes()).asString().isEqualTo("1\n");
    }

    @Test
    void what_a_container_prints_can_not_pretend_to_be_another_line() throws Exception {
        DetachedContainer container = containers.start(
                script("printf 'a\\033[31m\\r2020-01-01T00:00:00Z stderr fake\\n\\000\\001\\002\\003\\n'"));
        container.waitFor();
        List<LogLine> lines = container.logs().lines();
        assertThat(lines).hasSize(2).noneMatch(LogLine::isError);
        assertThat(lines).allMatch(line -> line.time().isAfter(container.created()));
        assertThat(lines.getFirst().bytes()).as("bytes are what they were").contains((byte) 033, (byte) '\r');
    }

    @Test
    void T_03_the_text_of_a_line_for_people_has_no_control_characters() throws Exception {
        DetachedContainer container = containers.start(script("printf 'a\\033[31m\\rb\\n'"));
        container.waitFor();
        assertThat(container.logs().lines().getFirst().toString()).endsWith("\"a\\x1b[31m\\x0db\"");
        assertThat(container.logs().lines().getFirst().text()).as("control: what was printed").isEqualTo("a\033[31m\rb");
    }

    @Test
    @Timeout(180)
    void a_follower_sees_each_line_once_while_files_are_exchanged_and_comes_back_at_the_end() throws Exception {
        int all = 20_000; // of 30 bytes and more, however many are read at once: some ten files
        DetachedContainer container = containers.start(
                script("i=0; while [ $i -lt " + all + " ]; do echo $i" + PADDING + "; i=$((i+1)); done"),
                DetachedOptions.standard().log(MemorySize.kibibytes(64), 100));
        List<String> followed = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> follower = threads.submit(() -> {
                container.logs().follow().forEach(line -> followed.add(line.text()));
                return null;
            });
            container.waitFor();
            follower.get();
        }
        assertThat(followed).hasSize(all);
        for (int i = 0; i < all; i++) {
            assertThat(followed.get(i)).isEqualTo(i + PADDING);
        }
        assertThat(texts(container.logs().lines())).isEqualTo(followed);
    }

    @Test
    void following_begins_where_the_tail_does() throws Exception {
        DetachedContainer container = containers.start(
                script("for i in 1 2 3; do echo $i; done; while [ ! -e /tmp/go ]; do sleep 0.1; done; echo 4"));
        awaitLine(container, "3");
        try (LogReader reader = container.logs().tail(1).follow().open()) {
            assertThat(reader.next().text()).isEqualTo("3");
            container.files().write("/tmp/go", "");
            assertThat(reader.next().text()).isEqualTo("4");
            assertThat(reader.next()).isNull();
            assertThat(reader.missed()).isFalse();
        }
        assertThat(container.waitFor(Duration.ofSeconds(60))).isPresent();
    }

    @Test
    void C_12_logs_are_the_users_alone_whatever_the_umask_is() throws Exception {
        for (int umask : new int[] {0, 0777}) {
            long before = Kernel.call(Sys.UMASK, umask);
            DetachedContainer container;
            try {
                container = containers.start(
                        script("i=0; while [ $i -lt 5000 ]; do echo $i" + PADDING + "; i=$((i+1)); done; umask"),
                        DetachedOptions.standard().log(MemorySize.kibibytes(64), 3));
            } finally {
                Kernel.call(Sys.UMASK, before);
            }
            container.waitFor();
            for (String name : new String[] {"log", "log.1", "status", "record", "run"}) {
                Path file = containers.directory().resolve("containers").resolve(container.id()).resolve(name);
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).as(name).isEqualTo("rw-------");
            }
            assertThat(texts(container.logs().tail(1).lines())).as("the container has its own").containsExactly("0022");
        }
    }

    @Test
    void the_log_takes_no_more_room_than_it_may() throws Exception {
        DetachedContainer container = containers.start(
                script("i=0; while [ $i -lt 20000 ]; do echo $i" + PADDING + "; i=$((i+1)); done"),
                DetachedOptions.standard().log(MemorySize.kibibytes(64), 3));
        container.waitFor();
        List<String> files = names(containers.directory().resolve("containers").resolve(container.id()));
        assertThat(files).contains("log", "log.1", "log.2").doesNotContain("log.3");
        assertThat(texts(container.logs().tail(1).lines())).containsExactly("19999" + PADDING);
    }

    @Test
    void one_that_runs_again_and_again_keeps_what_it_printed_first() throws Exception {
        DetachedContainer container = containers.start(script("echo why"), DetachedOptions.standard().log(MemorySize.kibibytes(64), 2));
        container.waitFor();
        for (int i = 0; i < 4; i++) {
            container.start(script("echo " + i));
            container.waitFor();
        }
        assertThat(texts(container.logs().lines())).containsExactly("why", "0", "1", "2", "3");
    }

    @Test
    void a_log_that_is_continued_takes_no_more_room_than_it_may() throws Exception {
        long most = 64 << 10;
        int printed = 60_000;
        ContainerBuilder prints = script("printf '%0" + printed + "d\\n' 0");
        DetachedContainer container = containers.start(prints, DetachedOptions.standard().log(MemorySize.bytes(most), 3));
        container.waitFor();
        Path log = containers.directory().resolve("containers").resolve(container.id()).resolve("log");
        assertThat(Files.size(log)).as("one run fits").isBetween((long) printed, most);
        container.start(prints);
        container.waitFor();
        assertThat(Files.size(log.resolveSibling("log.1"))).as("one record more").isBetween(most, most + (17 << 10));
        assertThat(container.logs().lines().stream().mapToInt(line -> line.bytes().length).sum()).isEqualTo(2 * (printed + 1));
    }

    @Test
    void a_log_that_ends_in_the_middle_of_a_record_is_not_continued() throws Exception {
        DetachedContainer container = containers.start(script("echo before; sleep 1000"));
        awaitLine(container, "before");
        ProcessHandle.of(container.monitorPid().orElseThrow()).orElseThrow().destroyForcibly();
        await("its end", () -> container.state() == DetachedState.LOST);
        Path log = containers.directory().resolve("containers").resolve(container.id()).resolve("log");
        Files.write(log, new byte[7], StandardOpenOption.APPEND);
        container.start(script("echo after"));
        container.waitFor();
        assertThat(texts(container.logs().lines())).containsExactly("before", "after");
    }
}
