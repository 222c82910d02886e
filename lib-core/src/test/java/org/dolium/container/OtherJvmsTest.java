// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dolium.testing.Await;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.QuickJvm;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Several JVMs make groups in one place.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class OtherJvmsTest extends SecurityRows {
    @BeforeEach
    void root_user() {
        MustRun.root();
    }

    /// A JVM with a running container.
    private record Jvm(Process process, BufferedReader out, BufferedWriter in, Path group) implements AutoCloseable {
        /// The group that all containers of the JVM are in.
        Path own() {
            return group.getParent();
        }

        @Override
        public void close() throws IOException {
            in.close();
            process.onExit().join();
            out.close();
        }
    }

    private Jvm jvm(String step) throws IOException {
        List<String> command = QuickJvm.command();
        command.addAll(List.of(
                "-cp", System.getProperty("java.class.path"), Attempt.class.getName(), root.toString(), step, "wait"));
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        BufferedReader out = process.inputReader();
        String line = out.readLine();
        assertThat(line).startsWith("group ");
        return new Jvm(process, out, process.outputWriter(), Path.of(line.substring("group ".length())));
    }

    @Test
    void what_a_killed_jvm_leaves_is_removed_by_the_next_and_what_a_living_one_has_stays() throws Exception {
        try (Jvm living = jvm("start")) {
            Jvm killed = jvm("start");
            killed.process().destroyForcibly().onExit().join();
            killed.out().close();
            assertThat(killed.own()).as("control: it is left behind").exists();
            assertThat(killed.own()).isNotEqualTo(living.own());
            Await.that("its container ends too", () -> Files.readString(killed.group().resolve("cgroup.procs")).isEmpty());
            try (Jvm next = jvm("start")) {
                assertThat(killed.own()).doesNotExist();
                assertThat(living.group()).exists();
                assertThat(next.group()).exists();
                assertThat(Files.readString(living.group().resolve("cgroup.procs"))).isNotEmpty();
            }
        }
    }

    @Test
    void a_jvm_that_ends_removes_its_groups() throws Exception {
        Jvm jvm = jvm("start-and-close");
        assertThat(jvm.own()).exists();
        jvm.close();
        assertThat(jvm.process().exitValue()).isZero();
        assertThat(List.of(jvm.own(), jvm.group())).noneMatch(Files::exists);
    }
}
