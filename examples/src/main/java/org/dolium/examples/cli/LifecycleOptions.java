// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.RestartPolicy;
import org.dolium.container.Signal;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options about how a container ends.
final class LifecycleOptions {
    @Option(names = "--stop-signal", paramLabel = "SIGNAL",
            description = "What asks the command to end, e.g. SIGINT (default: the image's, or SIGTERM; with --systemd what its init takes)")
    private @Nullable String stopSignal;

    @Option(names = "--stop-timeout", paramLabel = "SECONDS",
            description = "How long the command may take to end before it is killed; -1 for no limit (default: 10)")
    private int stopTimeout = 10;

    @Option(names = "--init", description = "Have an init as process 1, which waits for orphans and hands signals on to the command")
    private boolean init;

    @Option(names = "--systemd", paramLabel = "true|false", arity = "0..1", fallbackValue = "true", defaultValue = "false",
            description = "Boot the root file system: the command (default: the image's, or /sbin/init) is the init of a whole system,"
                    + " systemd or another one. Its ids are subordinate ones where there are any, unless --userns is given")
    private boolean systemd;

    @Option(names = "--restart", paramLabel = "POLICY",
            description = "Run the command again when it ends: no (default), on-failure[:MOST], always or unless-stopped")
    private String restart = "no";

    RestartPolicy restart() {
        return RestartPolicy.parse(restart);
    }

    void apply(ContainerBuilder builder) {
        if (stopSignal != null) {
            builder.stopSignal(Signal.parse(stopSignal));
        }
        builder.init(init);
        if (systemd) {
            builder.osContainer();
        }
        if (stopTimeout < -1) {
            throw new IllegalArgumentException("--stop-timeout " + stopTimeout + " is not -1 or more");
        }
    }

    Duration grace() {
        return stopTimeout < 0 ? ChronoUnit.FOREVER.getDuration() : Duration.ofSeconds(stopTimeout);
    }
}
