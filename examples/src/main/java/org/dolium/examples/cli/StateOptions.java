// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.dolium.container.Containers;
import org.dolium.container.DetachedContainer;
import org.dolium.container.DetachedState;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where a command finds containers that were started by others.
final class StateOptions {
    /// How long the status of one that was started with `--rm` can still be asked for.
    private static final Duration KEPT = Duration.ofSeconds(10);

    @Option(names = "--state", paramLabel = "DIR",
            description = "Where detached containers are kept (default: /run/dolium, or $XDG_RUNTIME_DIR/dolium)")
    private @Nullable Path directory;

    /// Opens it, and removes what was started with `--rm` and ended a while ago.
    Containers open() throws IOException, InterruptedException {
        Containers containers = directory == null ? Containers.standard() : Containers.at(directory);
        for (DetachedContainer one : containers.list()) {
            try {
                if (one.state() == DetachedState.EXITED && isPast(one)) {
                    one.remove(false);
                }
            } catch (IOException | IllegalStateException e) {
                // somebody else has removed it or started it again; or whoever asks for it will hear what is wrong
            }
        }
        return containers;
    }

    /// As it is, or null if there is no place for any: then nothing was detached.
    @Nullable Containers tryOpen() {
        try {
            return directory == null ? Containers.standard() : Containers.at(directory);
        } catch (IOException e) {
            return null;
        }
    }

    /// The container of this name or id, or null if there is none.
    @Nullable DetachedContainer find(String wanted) throws IOException {
        Containers containers = tryOpen();
        return containers == null ? null : Found.tryFind(containers, wanted).orElse(null);
    }

    private static boolean isPast(DetachedContainer one) throws IOException {
        Instant end = one.finished().orElse(null);
        return end != null && end.isBefore(Instant.now().minus(KEPT)) && StoredRun.of(one).remove();
    }
}
