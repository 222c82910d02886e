// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Whatever is mounted elsewhere on the machine meanwhile, a path with `..` is resolved inside the root.
///
/// openat2(2) gives EAGAIN when anything was mounted or renamed on the machine while it went up: it can't know then that
/// it did not leave the root.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class BusyHostTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int AT_A_TIME = 8;
    private static final int EACH = 25;

    @TempDir
    Path directory;

    private ContainerBuilder throughLink() throws Exception {
        Path root = TinyRoot.make(Files.createDirectories(directory.resolve("root")));
        Path link = root.resolve("mnt/link");
        if (!Files.isSymbolicLink(link)) {
            Files.createDirectory(root.resolve("mnt/real"));
            Files.createSymbolicLink(link, Path.of("../mnt/".repeat(100) + "real"));
        }
        Path data = Files.createDirectories(directory.resolve("data"));
        Files.writeString(data.resolve("mounted"), "");
        return ContainerBuilder.create()
                .rootfs(Rootfs.directory(root))
                .bindReadOnly(data, "/mnt/link")
                .command("ls", "/mnt/real");
    }

    private interface Way {
        String output() throws Exception;
    }

    private static void repeatedly(Way way) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < AT_A_TIME; i++) {
                all.add(threads.submit(() -> {
                    for (int j = 0; j < EACH; j++) {
                        assertThat(way.output()).isEqualTo("mounted\n");
                    }
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
    }

    @Test
    void many_containers_that_run_at_a_time_do_not_disturb_each_other() throws Exception {
        ContainerSpec spec = throughLink().build();
        repeatedly(() -> spec.run(LIMIT).stdout());
    }

    @Test
    void many_containers_that_start_at_a_time_do_not_disturb_each_other() throws Exception {
        ContainerSpec spec = throughLink().build();
        repeatedly(() -> {
            try (Container container = spec.start()) {
                return new String(container.process().getInputStream().readAllBytes());
            }
        });
    }

    @Test
    void what_is_given_as_input_is_not_lost() throws Exception {
        ContainerSpec spec = throughLink().command("cat").input("mounted\n").build();
        repeatedly(() -> spec.run(LIMIT).stdout());
    }
}
