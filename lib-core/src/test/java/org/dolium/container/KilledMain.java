// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.nio.file.Path;
import java.time.Duration;

/// A JVM that starts a container, runs a command in it and stops it, and kills itself at a point of one of these. Says `begins` before that
/// one and, if it survives, how many points it had.
public final class KilledMain {
    /// What the JVM is killed in.
    enum Phase {
        START, EXEC, STOP
    }

    private KilledMain() {}

    /// @param args phase, mode, root file system, place of upper layers, point
    public static void main(String[] args) throws Exception {
        Phase phase = Phase.valueOf(args[0]);
        ContainerBuilder builder = builder(Mode.valueOf(args[1]), Path.of(args[2]), Path.of(args[3]));
        long point = Long.parseLong(args[4]);
        begin(phase, Phase.START, point);
        try (Container container = builder.start()) {
            end(phase, Phase.START);
            begin(phase, Phase.EXEC, point);
            Result result = container.exec("sh", "-c", "sleep 100 & echo x > /tmp/file; echo out; kill $!").run();
            end(phase, Phase.EXEC);
            if (!result.stdout().equals("out\n")) {
                throw new AssertionError(result.stdout() + result.stderr());
            }
            begin(phase, Phase.STOP, point);
            container.stop(Duration.ofSeconds(30));
        }
        end(phase, Phase.STOP);
    }

    /// With its writes on disk, or in a user namespace and with a terminal.
    private static ContainerBuilder builder(Mode mode, Path root, Path place) {
        ContainerBuilder builder = ContainerBuilder.create()
                .command("sh", "-c", "trap 'exit 0' TERM; echo ready; while :; do sleep 0.1; done")
                .memory(MemorySize.mebibytes(64)).pids(20).onStdoutLine(line -> {});
        return mode == Mode.RU
                ? mode.apply(builder.rootfs(Rootfs.directory(root)).tmpfs("/tmp").terminal())
                : builder.rootfs(Rootfs.overlay(root).upperOnDisk(place)).tmpfs("/tmp");
    }

    private static void begin(Phase wanted, Phase phase, long point) {
        if (wanted == phase) {
            System.out.println("begins");
            KillPoints.begin(point);
        }
    }

    private static void end(Phase wanted, Phase phase) {
        if (wanted == phase) {
            System.out.println("points " + KillPoints.end());
        }
    }
}
