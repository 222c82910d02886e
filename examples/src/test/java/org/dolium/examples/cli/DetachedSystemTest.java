// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.dolium.testing.Await;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.OsRoots;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A whole system that `dolium` leaves running.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
@Timeout(value = 15, unit = TimeUnit.MINUTES) // the root file system may have to be made
class DetachedSystemTest {
    @TempDir
    Path directory;

    private CommandLineRun dolium(String line, String... more) {
        List<String> words = new ArrayList<>(Arrays.asList(line.split(" ")));
        words.addAll(1, List.of("--state", directory.resolve("state").toString()));
        words.addAll(List.of(more));
        return CommandLineRun.here(words.toArray(String[]::new));
    }

    @Test
    void it_boots_and_stop_shuts_it_down_in_order() throws Exception {
        MustRun.root();
        String upper = Files.createDirectory(directory.resolve("upper")).toString(); // others boot from the same directory
        CommandLineRun run = dolium("run -d --name system --pids-limit 300 --systemd --upper", upper,
                "--rootfs", OsRoots.systemd().toString(), "/sbin/init");
        assertThat(run.status()).as(run.err()).isZero();
        try {
            Await.that("its bus runs", () -> dolium("top system").out().contains("dbus-daemon"));
            assertThat(dolium("pause system").status()).isZero();
            assertThat(dolium("unpause system").status()).isZero();
            assertThat(dolium("stop -t 60 system").out()).isEqualTo("system\n");
            assertThat(dolium("inspect --format {{.State.Status}}-{{.State.ExitCode}} system").out()).isEqualTo("exited-0\n");
        } finally {
            assertThat(dolium("rm -f system").status()).isZero();
        }
    }
}
