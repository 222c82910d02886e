// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.dolium.state.Entry;
import org.dolium.state.StateDirectory;
import org.dolium.testing.QuickJvm;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// What tests of detached containers have in common: a state directory of their own, which has nothing left in it at the end.
abstract class DetachedCases {
    static final Duration LONG = Duration.ofSeconds(120);

    @TempDir
    Path directory;

    Containers containers;
    Path root;

    @BeforeEach
    void make() throws Exception {
        root = TinyRoot.make(Files.createDirectory(directory.resolve("root")));
        containers = Containers.at(directory.resolve("state"));
    }

    @AfterEach
    void remove() throws Exception {
        List<String> ids = entries();
        for (DetachedContainer container : containers.list()) {
            container.remove(true);
        }
        containers.reclaim();
        assertThat(entries()).isEmpty();
        assertThat(names()).isEmpty();
        for (String id : ids) {
            assertThat(groups(id)).isEmpty();
        }
    }

    List<String> entries() throws IOException {
        return names(containers.directory().resolve("containers"));
    }

    List<String> names() throws IOException {
        return names(containers.directory().resolve("names"));
    }

    static List<String> names(Path path) throws IOException {
        try (Stream<Path> files = Files.list(path)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    /// The cgroups of a container, wherever they are.
    static List<Path> groups(String id) {
        return GroupFiles.find(DetachedLaunch.groupName(id).text()::equals);
    }

    ContainerBuilder tiny(String... command) {
        return ContainerBuilder.create().rootfs(Rootfs.directory(root)).command(command);
    }

    ContainerBuilder script(String text) {
        return tiny("sh", "-c", text);
    }

    DetachedOptions named(String name) {
        return DetachedOptions.standard().name(name);
    }

    static void await(String what, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + LONG.toNanos();
        while (!condition.call()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            Thread.sleep(10);
        }
    }

    /// Waits until it has printed a line.
    static void awaitLine(DetachedContainer container, String line) throws Exception {
        await("'" + line + "' in the log", () -> container.logs().lines().stream().anyMatch(one -> one.text().equals(line)));
    }

    /// Waits until its monitor has ended, too: as long as that is about to, the container is locked.
    void awaitEnd(DetachedContainer container) throws Exception {
        await("the end", () -> container.state() == DetachedState.EXITED);
        try (StateDirectory state = containers.open();
                Entry entry = state.entry(container.id())) {
            await("the end of its monitor", () -> !entry.isLocked());
        }
    }

    /// A container that goes on until it gets SIGTERM, and ends with 7 then.
    ContainerBuilder service() {
        return script("trap 'echo ends; exit 7' TERM; echo ready; while :; do sleep 1 & wait $!; done");
    }

    Process jvm(String... arguments) throws IOException {
        return jvmBy(List.of(), arguments);
    }

    /// @param prefix a command that runs what comes after it
    Process jvmBy(List<String> prefix, String... arguments) throws IOException {
        return jvmWith(System.getProperty("java.class.path"), prefix, arguments);
    }

    Process jvmWith(String classPath, List<String> prefix, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(QuickJvm.command());
        command.addAll(List.of("-cp", classPath, DetachedMain.class.getName(),
                containers.directory().toString(), root.toString()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    /// What a JVM says until its end.
    List<String> said(String... arguments) throws Exception {
        Process process = jvm(arguments);
        try (BufferedReader output = process.inputReader()) {
            List<String> lines = output.lines().toList();
            assertThat(process.waitFor()).as(String.join("\n", lines)).isZero();
            return lines;
        }
    }

    /// Starts a container in a JVM that goes on, and tells its id.
    static String started(BufferedReader output) throws IOException {
        List<String> before = new ArrayList<>();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith("started ")) {
                return line.substring("started ".length());
            }
            before.add(line);
        }
        throw new AssertionError("it did not start: " + before);
    }
}
