// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.dolium.testing.Await;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.QuickJvm;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("kernel")
@ExtendWith(LeakCheck.class)
class HolderTest {
    @Test
    void a_holder_sleeps_until_it_is_closed() throws Exception {
        Holder holder = Holder.start();
        Path directory = Path.of("/proc/" + holder.pid());
        try (holder) {
            Await.that("it has its name", () -> Files.readString(directory.resolve("comm")).equals("dolium-holder\n"));
            Await.that("it sleeps", () -> Files.readString(directory.resolve("status")).contains("State:\tS"));
        }
        assertThat(directory).doesNotExist();
    }

    @Test
    void a_holder_outlives_its_jvm_for_a_moment() throws Exception {
        List<String> command = new ArrayList<>(QuickJvm.command());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), HolderMain.class.getName()));
        Process jvm = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (BufferedReader output = jvm.inputReader()) {
            Path status = Path.of("/proc/" + Long.parseLong(output.readLine()) + "/status");
            long begin = System.nanoTime(); // before it, so that a busy machine makes it longer only
            jvm.destroyForcibly().waitFor();
            Await.that("it has ended", () -> isOver(status));
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofSeconds(1));
        }
    }

    /// Whoever inherits the holder may take his time to wait for it.
    private static boolean isOver(Path status) {
        try {
            return Files.readString(status).contains("State:\tZ");
        } catch (IOException e) {
            return true; // it is gone
        }
    }

    /// A JVM that tells which process its holder is, and waits to be killed.
    static final class HolderMain {
        public static void main(String[] arguments) throws Exception {
            System.out.println(Holder.start().pid());
            Thread.sleep(Duration.ofMinutes(5));
        }
    }

    /// As a JVM keeps one for its scope: the leak check of this test counts neither the process nor what holds on to it.
    @Test
    void a_holder_that_is_kept_is_no_leak() throws Exception {
        assertThat(Holder.start().pid()).isPositive();
    }
}
