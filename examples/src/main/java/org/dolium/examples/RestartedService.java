// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.dolium.container.AfterEnd;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.Containers;
import org.dolium.container.DetachedContainer;
import org.dolium.container.DetachedOptions;
import org.dolium.container.DetachedState;
import org.dolium.container.RestartPolicy;

/// A container that is run again when it fails, also when no JVM is there: at its end this program is executed once more.
public final class RestartedService {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private RestartedService() {}

    /// @param args a state directory, or none for the user's own
    public static void main(String[] args) throws IOException, InterruptedException, TimeoutException {
        if (System.getenv("DOLIUM_CONTAINER") != null) {
            // README:start handled
            AfterEnd.handle(System.getenv(), container -> service());
            // README:end
            return;
        }
        Containers containers = args.length == 0 ? Containers.standard() : Containers.at(Path.of(args[0]));
        // README:start after
        AfterEnd after = AfterEnd.execute(List.of(java(), "--enable-native-access=ALL-UNNAMED", "-cp", classPath(), program()))
                .restart(RestartPolicy.onFailure(2));
        containers.start(service(), DetachedOptions.standard().name("web").afterEnd(after));
        // README:end
        watch(containers.find("web").orElseThrow());
    }

    private static ContainerBuilder service() {
        return ContainerBuilder.create().command("sh", "-c", "echo the disk is gone >&2; exit 5");
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static String classPath() {
        return System.getProperty("java.class.path");
    }

    private static String program() {
        return RestartedService.class.getName();
    }

    /// This JVM has nothing to do with that.
    private static void watch(DetachedContainer web) throws IOException, InterruptedException, TimeoutException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (web.restarts() < 2 || web.isRestarting() || web.state() != DetachedState.EXITED) {
            if (System.nanoTime() > deadline) {
                throw new TimeoutException("run again " + web.restarts() + " times only: " + web.problem().orElse("no problem is known"));
            }
            Thread.sleep(100);
        }
        System.out.println("run again " + web.restarts() + " times, " + web.waitFor());
        web.remove(false);
    }
}
