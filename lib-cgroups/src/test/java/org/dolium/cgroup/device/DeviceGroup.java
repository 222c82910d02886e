// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.device;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.dolium.cgroup.CgroupMount;
import org.dolium.cgroup.Controller;
import org.dolium.testing.MustRun;
import org.dolium.testing.Slow;

/// A cgroup of a test, with one process that does in it what it is told.
final class DeviceGroup implements AutoCloseable {
    private static final String SCRIPT = """
            exec 3> /dev/null
            echo $$ > "$1/cgroup.procs" || exit 1
            while read -r what path numbers; do
              case $what in
                r) e=$( { true < "$path"; } 2>&1 ) ;;
                w) e=$( { true > "$path"; } 2>&1 ) ;;
                rw) e=$( { true <> "$path"; } 2>&1 ) ;;
                m) e=$(mknod "$path" $numbers 2>&1); rm -f "$path" ;;
                count) n=0; i=0; while [ $i -lt $numbers ]; do
                  if true 2>&3 < "$path"; then n=$((n + 1)); fi; i=$((i + 1)); done; e="count $n" ;;
              esac
              echo "$e"
            done
            """;

    private final Path directory;
    private final Process process;
    private final Writer in;
    private final BufferedReader out;

    private DeviceGroup(Path directory) throws IOException {
        this.directory = Files.createDirectory(directory);
        this.process = new ProcessBuilder("sh", "-c", SCRIPT, "sh", directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        this.in = process.outputWriter(StandardCharsets.UTF_8);
        this.out = process.inputReader(StandardCharsets.UTF_8);
    }

    /// A group of cgroup v2; on a hybrid machine, one without controllers.
    static DeviceGroup unified() throws IOException {
        MustRun.root();
        List<String> mounts = mounts().stream().filter(CgroupMount::unified).map(CgroupMount::mountPoint).toList();
        MustRun.require(!mounts.isEmpty(), "cgroup v2");
        return new DeviceGroup(Path.of(mounts.get(0), name()));
    }

    /// A group of the devices controller of cgroup v1.
    static DeviceGroup legacy() throws IOException {
        MustRun.root();
        List<String> mounts = mounts().stream()
                .filter(mount -> mount.has(Controller.DEVICES))
                .map(CgroupMount::mountPoint)
                .toList();
        MustRun.require(!mounts.isEmpty(), "the devices controller of cgroup v1");
        return new DeviceGroup(Path.of(mounts.get(0), name()));
    }

    private static List<CgroupMount> mounts() throws IOException {
        return CgroupMount.parse(Files.readString(Path.of("/proc/self/mountinfo")));
    }

    private static String name() {
        return "device-test-" + Long.toHexString(ThreadLocalRandom.current().nextLong());
    }

    /// A group below this one.
    DeviceGroup below() throws IOException {
        return new DeviceGroup(directory.resolve("below"));
    }

    Path directory() {
        return directory;
    }

    /// Whether the group's process may open a file.
    ///
    /// @param access r, w or rw
    boolean opens(String access, String path) throws IOException {
        return allowed(ask(access + " " + path));
    }

    /// Whether the group's process may make a node.
    ///
    /// @param path where; it is removed again
    boolean makes(String path, String type, int major, int minor) throws IOException {
        return allowed(ask("m " + path + " " + type + " " + major + " " + minor));
    }

    /// How many of many attempts to open a file for reading succeed.
    void startCounting(String path, int attempts) throws IOException {
        in.write("count " + path + " " + attempts + "\n");
        in.flush();
    }

    boolean stillCounting() throws IOException {
        return !out.ready();
    }

    int counted() throws IOException {
        return Integer.parseInt(out.readLine().substring("count ".length()));
    }

    private String ask(String question) throws IOException {
        in.write(question + "\n");
        in.flush();
        String answer = out.readLine();
        if (answer == null) {
            throw new AssertionError("the process of " + directory + " has ended");
        }
        return answer;
    }

    /// A node without a driver is one that may be opened.
    private static boolean allowed(String answer) {
        if (answer.isEmpty() || answer.contains("No such device or address")) {
            return true;
        }
        if (answer.contains("Operation not permitted")) {
            return false;
        }
        throw new AssertionError("neither allowed nor denied: " + answer);
    }

    /// Ends the process and removes the directory.
    @Override
    public void close() throws IOException {
        in.close();
        process.destroyForcibly();
        try {
            process.waitFor();
            for (int i = 0; ; i++) {
                if (removed(i)) {
                    break;
                }
                Thread.sleep(10);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        out.close();
    }

    private boolean removed(int attempt) throws IOException {
        try {
            Files.delete(directory);
            return true;
        } catch (DirectoryNotEmptyException e) {
            throw e;
        } catch (FileSystemException e) {
            if (attempt == 3000 * Slow.FACTOR) {
                throw e;
            }
            return false;
        }
    }
}
