// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dolium.container.GroupFiles.UNIFIED;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.CgroupMount;
import org.dolium.testing.MustRun;
import org.dolium.testing.Situation;
import org.dolium.testing.Slow;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// A group in each hierarchy that somebody else made too tight for any process. Each attempt to start containers below it
/// is made by a JVM of its own.
class TightParent extends SecurityRows {
    private static final String NAME = "tight-" + ProcessHandle.current().pid();
    static final String MEMORY_FILE = UNIFIED ? "memory.max" : "memory.limit_in_bytes";
    /// An attempt to start a container.
    static final String BELOW = "below=/" + NAME;

    private final List<Path> parents = new ArrayList<>();

    @BeforeEach
    void make_a_parent_in_each_hierarchy() throws IOException {
        MustRun.root();
        for (CgroupMount mount : CgroupMount.parse(Files.readString(Path.of("/proc/self/mountinfo")))) {
            parents.add(Files.createDirectory(Path.of(mount.mountPoint(), NAME)));
            if (UNIFIED) {
                Files.writeString(Path.of(mount.mountPoint(), "cgroup.subtree_control"), "+memory +pids");
            }
        }
        Path cpuset = Path.of("/sys/fs/cgroup/cpuset");
        if (Files.exists(cpuset)) {
            for (String file : new String[] {"cpuset.cpus", "cpuset.mems"}) {
                Files.writeString(cpuset.resolve(NAME).resolve(file), Files.readString(cpuset.resolve(file)));
            }
        }
    }

    @AfterEach
    void remove_them() throws Exception {
        for (Path parent : parents) {
            try (var left = Files.newDirectoryStream(parent, Files::isDirectory)) {
                for (Path directory : left) {
                    remove(directory);
                }
            }
            remove(parent);
        }
    }

    /// Who dies is in its group for a moment after it is no longer listed, and who was on its way into it may come late.
    private static void remove(Path group) throws Exception {
        long end = System.nanoTime() + Slow.seconds(5).toNanos();
        while (true) {
            try {
                Files.delete(group);
                return;
            } catch (FileSystemException e) {
                if (System.nanoTime() > end) {
                    throw e;
                }
            }
            Path kill = group.resolve("cgroup.kill");
            if (Files.exists(kill)) {
                Files.writeString(kill, "1");
            }
            Thread.sleep(20);
        }
    }

    void limit(String file, String value) throws IOException {
        boolean written = false;
        for (Path parent : parents) {
            if (Files.exists(parent.resolve(file))) {
                Files.writeString(parent.resolve(file), value);
                written = true;
            }
        }
        assertThat(written).as("%s of a parent", file).isTrue();
    }

    /// Sizes at which a start fails in different places; fewer where each JVM takes half a minute.
    static List<String> littleMemory() {
        return Slow.FACTOR == 1
                ? List.of("4096", "131072", "262144", "524288", "1048576")
                : List.of("131072", "524288");
    }

    /// The parent in the hierarchy of cgroup v2.
    static Path group() {
        return Path.of("/sys/fs/cgroup", NAME);
    }

    String attempt() throws Exception {
        return attempt(BELOW, BELOW, BELOW);
    }

    /// Makes the attempts and has the JVM tell that it lives.
    String attempt(String... attempts) throws Exception {
        return Situation.run(
                List.of("env"), "exec \"$@\"", Files.createDirectory(directory.resolve("scratch")), Attempt.class,
                arguments(attempts));
    }

    private String[] arguments(String... attempts) {
        List<String> all = new ArrayList<>(List.of(root.toString()));
        all.addAll(List.of(attempts));
        all.add("print=the JVM lives");
        return all.toArray(String[]::new);
    }
}
