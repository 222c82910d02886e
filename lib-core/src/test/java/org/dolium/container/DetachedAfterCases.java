// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/// What tests of what follows an end have in common: nobody follows any more at their own end.
abstract class DetachedAfterCases extends DetachedCases {
    static final String SERVICE = "echo ready; while :; do sleep 1 & wait $!; done";

    AfterEnd after(String script) {
        return AfterMain.after(root, directory.resolve("done"), script);
    }

    DetachedContainer start(String script, AfterEnd after) throws Exception {
        return containers.start(script(script), named("job").afterEnd(after));
    }

    List<String> done() throws IOException {
        Path file = directory.resolve("done");
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    /// Processes that wait for an end, or do what follows it, of this test's containers.
    List<Long> followers() {
        return ProcessHandle.allProcesses().filter(this::isFollower).map(ProcessHandle::pid).toList();
    }

    private boolean isFollower(ProcessHandle process) {
        try {
            String environment = Files.readString(Path.of("/proc/" + process.pid() + "/environ"), StandardCharsets.ISO_8859_1);
            return environment.contains("DOLIUM_STATE=" + containers.directory()) || isParked(process.pid());
        } catch (IOException e) {
            return false;
        }
    }

    /// One that waits has no environment of its own yet. Those of other tests, if these run at the same time, count too.
    private boolean isParked(long pid) throws IOException {
        return Files.readString(Path.of("/proc/" + pid + "/comm")).equals("dolium-after\n")
                && Files.readSymbolicLink(Path.of("/proc/" + pid + "/fd/2")).startsWith(containers.directory());
    }

    long parked(DetachedContainer container) throws Exception {
        await("a process that waits", () -> followers().stream().anyMatch(this::waits));
        return followers().stream().filter(this::waits).findFirst().orElseThrow();
    }

    boolean waits(long pid) {
        try {
            return isParked(pid);
        } catch (IOException e) {
            return false;
        }
    }

    @AfterEach
    void nobody_follows() throws Exception {
        for (DetachedContainer container : containers.list()) {
            container.remove(true);
        }
        await("the end of all that follow", () -> followers().isEmpty());
    }

    static void awaitRestarts(DetachedContainer container, long count) throws Exception {
        await(count + " restarts", () -> container.restarts() >= count);
        await("that it runs", () -> container.state() == DetachedState.RUNNING);
    }

    /// Processes that wait for a time only.
    List<Long> paused() {
        return followers().stream().filter(this::waits).filter(pid -> !Files.exists(Path.of("/proc/" + pid + "/fd/4"))).toList();
    }

    /// One that does not end while a test looks at it, when the JVM that began it has gone, too.
    void awaitLongPause(DetachedContainer container) throws Exception {
        await("a long pause", () -> {
            List<Long> all = followers();
            return container.restarts() >= 5 && !all.isEmpty() && paused().equals(all);
        });
    }
}
