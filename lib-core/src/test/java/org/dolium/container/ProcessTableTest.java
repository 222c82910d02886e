// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.dolium.testing.Await;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Row X-09 of the security matrix: what the list of a container's processes tells.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
@Timeout(120)
class ProcessTableTest extends SecurityRows {
    private static final String EVIL = "printf 'a\\nb) R 1 1\\033[31m\\377' > /proc/self/comm; echo ready; while :; do sleep 1; done";

    private static final String TITLE = "\u001b]0;title\u0007\nfake";

    /// A process that was forked is there before its exec.
    private static List<RunningProcess> whenThere(Container container, String command) throws Exception {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            List<RunningProcess> all = container.processes(100);
            if (all.stream().anyMatch(p -> p.command().equals(command)) || System.nanoTime() > deadline) {
                return all;
            }
            Thread.sleep(5);
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void it_lists_the_command_its_children_and_further_commands(Mode mode) throws Exception {
        try (Container container = tiny(mode, "sleep 1001 & echo ready; wait").start()) {
            assertThat(container.process().inputReader().readLine()).isEqualTo("ready");
            try (Execution execution = container.exec("sleep", "1002").start()) {
                whenThere(container, "sleep 1001");
                List<RunningProcess> all = whenThere(container, "sleep 1002"); // /proc has its arguments a moment after its exec
                assertThat(all).extracting(RunningProcess::command).contains("sleep 1001", "sleep 1002").hasSize(3);
                RunningProcess first = all.stream().filter(p -> p.pid() == container.pid()).findFirst().orElseThrow();
                assertThat(first.command()).contains("sleep 1001 & echo ready; wait");
                assertThat(all).filteredOn(p -> p.command().equals("sleep 1001")).extracting(RunningProcess::parent)
                        .containsExactly(container.pid());
                assertThat(all).filteredOn(p -> p.command().equals("sleep 1002")).extracting(RunningProcess::pid)
                        .containsExactly(execution.pid());
                assertThat(all).allSatisfy(p -> {
                    assertThat(p.uid()).isEqualTo(first.uid());
                    assertThat(p.residentBytes()).isBetween(0L, 1L << 30); // some kernels count roughly
                    assertThat(p.cpuTime()).isLessThan(Duration.ofMinutes(1));
                });
            }
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void X_09_what_a_process_calls_itself_is_bytes(Mode mode) throws Exception {
        try (Container container = tiny(mode, EVIL).start();
                Execution named = container.exec("sh", "-c", "while :; do sleep 1; done", TITLE, "x".repeat(10_000)).start()) {
            assertThat(container.process().inputReader().readLine()).isEqualTo("ready");
            assertThat(Files.readAllBytes(Path.of("/proc/" + container.pid() + "/comm"))).contains('\n', 0x1b); // the negative control
            Await.that("its arguments are there", () -> container.processes(100).stream()
                    .anyMatch(p -> p.pid() == named.pid() && !p.command().isEmpty()));
            List<RunningProcess> all = container.processes(100);
            assertThat(all).filteredOn(p -> p.pid() == container.pid()).singleElement().satisfies(p -> {
                assertThat(p.name()).isEqualTo("a\\nb) R 1 1\\x1b[31m");
                assertThat("RSD").contains(String.valueOf(p.state()));
            });
            assertThat(all).filteredOn(p -> p.pid() == named.pid()).singleElement().satisfies(p -> assertThat(p.command())
                    .startsWith("sh -c while :; do sleep 1; done \\x1b]0;title\\x07\\nfake xxxx"));
            assertThat(all).allSatisfy(p -> {
                assertThat(p.name() + p.command()).matches("[ -~]*");
                assertThat(p.command().length()).isLessThanOrEqualTo(4 * 4096);
            });
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void X_09_there_is_a_bound(Mode mode) throws Exception {
        try (Container container = tiny(mode, "i=0; while [ $i -lt 300 ]; do sleep 1000 & i=$((i+1)); done; echo ready; wait").start()) {
            assertThat(container.process().inputReader().readLine()).isEqualTo("ready");
            assertThat(container.processes(50)).hasSize(50);
            assertThat(container.processes(1000)).hasSize(301);
        }
    }
}
