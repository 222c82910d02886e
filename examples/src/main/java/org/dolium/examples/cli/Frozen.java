// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dolium.container.DetachedContainer;
import org.dolium.container.DetachedState;

/// A container of any JVM that stands still until this is closed: its cgroup is frozen.
final class Frozen implements AutoCloseable {
    private static final String GROUP_OF_A_JVM = "/dolium-";
    private static final int TRIES = 1000;

    private final Closeable thaw;

    private Frozen(Closeable thaw) {
        this.thaw = thaw;
    }

    static Frozen nothing() {
        return new Frozen(() -> {});
    }

    /// One that was paused before stays so.
    static Frozen of(DetachedContainer container) throws IOException, InterruptedException {
        if (container.state() != DetachedState.RUNNING) {
            return nothing();
        }
        container.pause();
        return new Frozen(() -> resume(container));
    }

    private static void resume(DetachedContainer container) throws IOException {
        try {
            container.resume();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("container " + container.id() + " may still be paused: this was interrupted", e);
        }
    }

    /// @throws IOException if it has no cgroup of its own that can be frozen
    static Frozen of(long pid) throws IOException, InterruptedException {
        for (String line : Files.readString(Path.of("/proc/" + pid + "/cgroup"), StandardCharsets.ISO_8859_1).split("\n", -1)) {
            String[] parts = line.split(":", 3);
            if (parts.length < 3 || !isOwn(parts[2])) {
                continue;
            }
            if (parts[1].isEmpty()) {
                for (String root : new String[] {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}) {
                    Path file = Path.of(root + parts[2], "cgroup.freeze");
                    if (Files.isWritable(file)) {
                        return freeze(file, "1", "0", file.resolveSibling("cgroup.events"), "frozen 1");
                    }
                }
            } else if (parts[1].equals("freezer")) {
                Path file = Path.of("/sys/fs/cgroup/freezer" + parts[2], "freezer.state");
                return freeze(file, "FROZEN", "THAWED", file, "FROZEN");
            }
        }
        throw new IOException("process " + pid + " has no cgroup of its own that this user can freeze; --pause=false does without");
    }

    /// The group of one container in that of its JVM, and not that of anything else.
    private static boolean isOwn(String group) {
        int jvm = group.indexOf(GROUP_OF_A_JVM);
        return jvm >= 0 && group.indexOf('/', jvm + 1) > 0 && !group.contains("/../");
    }

    private static Frozen freeze(Path file, String stop, String thaw, Path state, String done) throws IOException, InterruptedException {
        if (Files.readString(state).contains(done)) {
            return nothing(); // somebody else has done so, and will let it go on
        }
        Files.writeString(file, stop);
        Frozen frozen = new Frozen(() -> Files.writeString(file, thaw));
        for (int i = 0; i < TRIES; i++) {
            if (Files.readString(state).contains(done)) {
                return frozen;
            }
            Thread.sleep(5);
        }
        frozen.close();
        throw new IOException("the container could not be frozen");
    }

    @Override
    public void close() throws IOException {
        thaw.close();
    }
}
