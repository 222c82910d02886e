// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// What a launch could leave behind, as a list of lines; a snapshot.
record Residue(List<String> lines) {
    private static final int CGROUP_DEPTH = 7;
    private static final String CONTROL_FILE = "(cgroup|cpu|cpuset|cpuacct|memory|io|blkio|pids|hugetlb|misc|rdma|irq)\\..*";
    private static final String OF_A_CONTAINERS_GROUP = "/sys/fs/cgroup/.*/dolium-[0-9]+-[0-9a-f]+/.*";
    /// Threads that Dolium keeps for as long as the JVM lives.
    private static final List<String> IMMORTAL = List.of("dolium-launcher", "dolium-poller");

    static {
        try {
            SocketChannel.open(StandardProtocolFamily.UNIX).close(); // the JDK keeps a socket from the first close on
        } catch (IOException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    static Residue now() {
        List<String> lines = new ArrayList<>();
        children(lines);
        descriptors(lines);
        mounts(lines);
        cgroups(lines);
        temporaryFiles(lines);
        threads(lines);
        ownState(lines);
        return new Residue(lines);
    }

    /// The lines that are here and not in `earlier`, counting repeated ones.
    String minus(Residue earlier) {
        List<String> rest = new ArrayList<>(lines);
        for (String line : earlier.lines) {
            rest.remove(line);
        }
        return String.join("\n", rest);
    }

    private static void children(List<String> lines) {
        ProcessHandle.current().children().filter(child -> !holds(child)).forEach(child -> lines.add(
                "child process " + child.pid() + " " + child.info().commandLine().orElse("")));
    }

    /// The process that keeps a systemd scope for as long as the JVM lives.
    private static boolean holds(ProcessHandle child) {
        try {
            return Files.readString(Path.of("/proc/" + child.pid() + "/comm")).equals("dolium-holder\n");
        } catch (IOException e) {
            return false;
        }
    }

    /// Files that the JVM opens by itself, such as jars, are none of a launch's.
    private static void descriptors(List<String> lines) {
        long holders = ProcessHandle.current().children().filter(Residue::holds).count();
        try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
            for (Path fd : fds.toList()) {
                String target = target(fd);
                boolean launchs = target.startsWith("pipe:") || target.startsWith("socket:")
                        || target.startsWith("/memfd:") || target.contains("pidfd") || target.contains("bpf-")
                        || target.endsWith("/ptmx") || target.contains(":[") || target.matches(OF_A_CONTAINERS_GROUP)
                        || Files.isDirectory(fd) && !target.startsWith("/sys/fs/cgroup");
                if (launchs && !target.contains("eventpoll") && !target.contains("eventfd")
                        && !target.startsWith("/proc/")) {
                    // which of them the holders have can't be seen: they are counted
                    lines.add("descriptor of " + target.replaceFirst("(socket|pidfd):\\[[0-9]+\\]", "$1:"));
                }
            }
            for (String ofEach : new String[] {"pidfd", "socket:"}) {
                lines.stream().filter(line -> line.contains(ofEach)).limit(holders).toList().forEach(lines::remove);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String target(Path fd) {
        try {
            return Files.readSymbolicLink(fd).toString();
        } catch (IOException e) {
            return ""; // closed meanwhile
        }
    }

    /// What a misdirected call would change: the machine's names, and the JVM's own identity.
    private static void ownState(List<String> lines) {
        try {
            for (String name : new String[] {"hostname", "domainname"}) {
                lines.add(name + " of the machine " + Files.readString(Path.of("/proc/sys/kernel", name)).trim());
            }
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.matches("(Umask|Uid|Gid|Groups|NSpid|Cap...|NoNewPrivs|Seccomp):.*")) {
                    lines.add("state of the JVM " + line);
                }
            }
            // a process that is not dumpable has its files in /proc owned by root
            lines.add("owner of the JVM's /proc " + Files.getOwner(Path.of("/proc/self/uid_map")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void mounts(List<String> lines) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
                lines.add("mount " + line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What is in the groups that this JVM keeps for as long as it lives; other JVMs have their own.
    private static void cgroups(List<String> lines) {
        cgroups(new File("/sys/fs/cgroup"), CGROUP_DEPTH, lines);
    }

    /// By listing, because others make and remove groups at the same time.
    private static void cgroups(File directory, int depth, List<String> lines) {
        File[] children = depth == 0 ? null : directory.listFiles(Residue::isGroup);
        if (children == null) {
            return;
        }
        boolean own = directory.getName().startsWith("dolium-" + ProcessHandle.current().pid() + "-");
        for (File child : children) {
            if (own) {
                lines.add("cgroup " + child);
            }
            cgroups(child, depth - 1, lines);
        }
    }

    /// Under systemd there are thousands of files, and in the test machine a system call is slow.
    private static boolean isGroup(File file) {
        return !file.getName().matches(CONTROL_FILE) && file.isDirectory();
    }

    private static void temporaryFiles(List<String> lines) {
        find(Path.of(System.getProperty("java.io.tmpdir")), 1, "temporary file ", lines);
    }

    private static void find(Path start, int depth, String what, List<String> lines) {
        if (!Files.isReadable(start)) {
            return;
        }
        try (Stream<Path> paths = Files.find(
                start, depth, (path, attributes) -> path.getFileName().toString().contains("dolium"),
                new FileVisitOption[0])) {
            paths.forEach(path -> lines.add(what + path));
        } catch (IOException | UncheckedIOException e) {
            // a directory of somebody else went away or can't be read
        }
    }

    private static void threads(List<String> lines) {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("dolium-") && !IMMORTAL.contains(thread.getName())) {
                lines.add("thread " + thread.getName());
            }
        }
    }
}
