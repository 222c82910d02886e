// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Sys;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.QuickJvm;
import org.dolium.testing.Slow;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A JVM is killed at points all over the start of a container, a command in it and its stop: no process is left, and the next start
/// removes the rest.
@Tag("kernel")
@Tag("root")
@Timeout(1200)
@ExtendWith(LeakCheck.class)
class JvmKillTest extends SecurityRows {
    private static final int POINTS = Slow.repeats(10);
    private static final int KILLED = 128 + 9;
    private static final int TRIES = 10;
    private static final int PR_SET_CHILD_SUBREAPER = 36;
    private static final int WNOHANG = 1;
    private static final int DEEPEST_GROUP = 7;

    private Path place;
    private Path changed;
    private Set<Long> before;

    /// Orphans become this JVM's children, and so are seen.
    @BeforeEach
    void prepare() throws Exception {
        MustRun.root();
        place = Files.createDirectory(directory.resolve("place"));
        changed = Files.createDirectory(directory.resolve("changed"));
        KillPoints.write(changed);
        before = children();
        Kernel.check(Kernel.call(Sys.PRCTL, PR_SET_CHILD_SUBREAPER, 1, 0, 0), "prctl(PR_SET_CHILD_SUBREAPER, 1)");
    }

    @AfterEach
    void orphans_are_init_s_again() {
        Kernel.call(Sys.PRCTL, PR_SET_CHILD_SUBREAPER, 0, 0, 0);
    }

    /// A JVM that is over.
    ///
    /// @param points how many it had, if it was not killed
    private record Jvm(long pid, int status, long points) {}

    private Jvm run(KilledMain.Phase phase, Mode mode, long point) throws Exception {
        List<String> command = QuickJvm.command();
        command.addAll(List.of("-cp", changed + File.pathSeparator + System.getProperty("java.class.path"), KilledMain.class.getName(),
                phase.name(), mode.name(), root.toString(), place.toString(), Long.toString(point)));
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (BufferedReader output = process.inputReader()) {
            assertThat(output.readLine()).isEqualTo("begins");
            String points = output.readLine();
            int status = process.waitFor();
            return new Jvm(process.pid(), status, points == null ? -1 : Long.parseLong(points.substring("points ".length())));
        }
    }

    @ParameterizedTest
    @EnumSource(KilledMain.Phase.class)
    void nothing_of_a_killed_jvm_is_left_after_the_next_start(KilledMain.Phase phase) throws Exception {
        for (Mode mode : Mode.here()) {
            Jvm whole = run(phase, mode, Long.MAX_VALUE);
            assertThat(whole.status()).isZero();
            assertThat(whole.points()).isGreaterThan(POINTS);
            noProcessIsLeft();
            for (int i = 0; i < POINTS / Mode.here().size(); i++) {
                long point = 1 + (whole.points() - 1) * (2L * i + 1) / (2 * POINTS / Mode.here().size());
                kill(phase, mode, point);
            }
        }
    }

    /// The threads of a JVM take turns as they like, so the number of points is not always the same.
    private void kill(KilledMain.Phase phase, Mode mode, long point) throws Exception {
        long tried = point;
        Jvm jvm = run(phase, mode, tried);
        for (int i = 0; i < TRIES && jvm.status() == 0; i++) {
            tried = Math.max(1, tried * 9 / 10);
            jvm = run(phase, mode, tried);
        }
        assertThat(jvm.status()).as("%s in %s at point %d", phase, mode, tried).isEqualTo(KILLED);
        noProcessIsLeft();
        String where = phase + " in " + mode + " at point " + tried;
        System.out.println("killed: " + where + ", left: " + groups(jvm.pid()).size() + " groups, " + files(place).size() + " layers");
        assertThat(run(KilledMain.Phase.START, mode, Long.MAX_VALUE).status()).isZero();
        assertThat(groups(jvm.pid())).as(where).isEmpty();
        assertThat(files(place)).as(where).isEmpty();
        noProcessIsLeft();
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    private static List<String> groups(long pid) {
        List<String> found = new ArrayList<>();
        find(new File("/sys/fs/cgroup"), "dolium-" + pid + "-", DEEPEST_GROUP, found);
        return found;
    }

    private static void find(File directory, String name, int depth, List<String> found) {
        File[] children = depth == 0 ? null : directory.listFiles(JvmKillTest::isGroup);
        for (File child : children == null ? new File[0] : children) {
            if (child.getName().startsWith(name)) {
                found.add(child.toString());
            }
            find(child, name, depth - 1, found);
        }
    }

    /// By name first: there are thousands of files.
    private static boolean isGroup(File file) {
        return !file.getName().matches("(cgroup|cpu|cpuset|cpuacct|memory|io|blkio|pids|hugetlb|misc|rdma|irq)\\..*") && file.isDirectory();
    }

    private static Set<Long> children() {
        return ProcessHandle.current().children().map(ProcessHandle::pid).collect(Collectors.toSet());
    }

    /// What died is reaped, as init does.
    private void noProcessIsLeft() throws InterruptedException {
        long deadline = System.nanoTime() + Slow.seconds(20).toNanos();
        Set<Long> left = left();
        while (!left.isEmpty() && System.nanoTime() < deadline) {
            for (long pid : left) {
                Kernel.call(Sys.WAIT4, pid, 0, WNOHANG, 0);
            }
            Thread.sleep(10);
            left = left();
        }
        assertThat(left).as("processes that are left").isEmpty();
    }

    private Set<Long> left() {
        Set<Long> left = children();
        left.removeAll(before);
        return left;
    }
}
