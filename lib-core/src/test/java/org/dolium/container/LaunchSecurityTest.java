// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dolium.testing.Await;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.ProcessStatus;
import org.dolium.testing.QuickJvm;
import org.dolium.testing.Racer;
import org.dolium.testing.Situation;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Rows L of the security matrix that watch a JVM from outside: tracing it, killing it, putting it in an odd state.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class LaunchSecurityTest extends SecurityRows {
    private static final int SIGUSR1 = 10;
    private static final List<String> HERE = List.of("env");
    private static final String AS_ROOT = "exec \"$@\"";
    /// All that may happen between clone3 and execveat.
    private static final String HARMLESS = "prctl\\(PR_SET_PDEATHSIG, .*|prctl\\(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, .*"
            + "|dup3\\(.*|close_range\\(.*|capset\\(.*|execveat\\(.*|(---|\\+\\+\\+).*";

    private Path scratch;

    @BeforeEach
    void onlyAsRoot() throws Exception {
        MustRun.root();
        scratch = Files.createDirectory(directory.resolve("scratch"));
    }

    private String attempt(List<String> prefix, String script, String... steps) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(root.toString()));
        arguments.addAll(List.of(steps));
        return Situation.run(prefix, script, scratch, Attempt.class, arguments.toArray(String[]::new));
    }

    /// The traced calls of every process, in order.
    private Map<String, List<String>> trace(String script, String... steps) throws Exception {
        Path file = directory.resolve("trace");
        String output = attempt(
                List.of(MustRun.program("strace"), "-f", "-qq", "-s", "64", "-o", file.toString()), script, steps);
        assertThat(output).doesNotContain("Exception");
        Map<String, List<String>> calls = new LinkedHashMap<>();
        for (String line : Files.readAllLines(file)) {
            String[] parts = line.split("\\s+", 2);
            if (parts[1].startsWith("<... ")) {
                continue; // the second half of a call that has been listed
            }
            calls.computeIfAbsent(parts[0], pid -> new ArrayList<>()).add(parts[1]);
        }
        return calls;
    }

    private static List<List<String>> children(Map<String, List<String>> trace) {
        return trace.values().stream()
                .filter(calls -> calls.stream().anyMatch(call -> call.startsWith("execveat(")))
                .toList();
    }

    private static int exec(List<String> calls) {
        for (int i = 0; i < calls.size(); i++) {
            if (calls.get(i).startsWith("execveat(")) {
                return i;
            }
        }
        throw new AssertionError("no execveat in " + calls);
    }

    @Test
    void L_01_a_child_in_the_jvms_memory_makes_only_harmless_calls() throws Exception {
        String[] runs = new String[60];
        java.util.Arrays.fill(runs, 0, 30, "run");
        java.util.Arrays.fill(runs, 30, 60, "run-in-user-namespace");
        List<List<String>> children = children(trace(AS_ROOT, runs));
        assertThat(children).hasSizeGreaterThanOrEqualTo(60);
        for (List<String> calls : children) {
            int exec = exec(calls);
            assertThat(calls.subList(0, exec + 1)).hasSizeGreaterThan(4).allMatch(call -> call.matches(HARMLESS));
            // the negative control: what the same child does later would not pass
            assertThat(calls.subList(exec + 1, calls.size())).anyMatch(call -> !call.matches(HARMLESS));
        }
    }

    @Test
    void L_12_ids_are_mapped_before_anything_else_and_groups_are_denied_first() throws Exception {
        Map<String, List<String>> trace = trace(Situation.AS_PLAIN_USER, "run");
        List<String> parent = trace.values().stream()
                .filter(calls -> calls.stream().anyMatch(call -> call.contains("/uid_map\"")))
                .findFirst().orElseThrow();
        List<String> writes = parent.stream()
                .filter(call -> call.matches("openat\\(.*(setgroups|[ug]id_map)\", O_WRONLY.*|sendto\\(.*\"G\".*"))
                .map(call -> call.replaceFirst(".*/(setgroups|[ug]id_map)\".*|.*(\"G\").*", "$1$2"))
                .toList();
        assertThat(writes.subList(0, 4)).containsExactly("setgroups", "uid_map", "gid_map", "\"G\"");
        List<String> child = children(trace).get(0);
        int go = indexOf(child, "read\\(3.*");
        assertThat(indexOf(child, "prctl\\(PR_SET_DUMPABLE, .*")).isGreaterThan(go);
        assertThat(child.subList(exec(child) + 1, go)).allMatch(call -> call.matches("(fcntl|umask|---).*"));
    }

    private static int indexOf(List<String> calls, String pattern) {
        for (int i = 0; i < calls.size(); i++) {
            if (calls.get(i).matches(pattern)) {
                return i;
            }
        }
        throw new AssertionError("no " + pattern);
    }

    @Test
    void L_12_a_jvm_that_dies_before_the_maps_leaves_no_process() throws Exception {
        Path marker = directory.resolve("marker");
        Files.createFile(marker);
        attempt(HERE, AS_ROOT, "die-before-maps=" + marker);
        awaitNoOrphan();
        assertThat(marker).isEmptyFile();
    }

    @Test
    void L_05_signals_of_the_jvm_do_not_reach_its_children() throws Exception {
        String[] lines = attempt(HERE, AS_ROOT, "storm=1500").split("\n");
        assertThat(lines[0]).matches("1500 containers had SigBlk 0, SigIgn 0, SigCgt 0 and ended well");
        assertThat(Integer.parseInt(lines[1].split(" ")[0])).isGreaterThan(1000); // signals that were handled
    }

    @Test
    void L_05_without_the_control_signals_are_blocked_or_ignored() throws Exception {
        ContainerBuilder builder = tiny(Mode.R, "cat /proc/self/status");
        ProcessStatus blocked =
                ProcessStatus.parse(output(Variant.without(builder, "rt_sigprocmask\\(SIG_SETMASK, \\[\\].*")));
        assertThat(blocked.mask("SigBlk")).isNotZero();
        String script = "trap '' USR1; exec \"$@\"";
        String ignored = attempt(HERE, script, "ignored-without-reset").trim();
        assertThat(Long.parseUnsignedLong(ignored.substring(ignored.lastIndexOf('\t') + 1), 16) & 1 << SIGUSR1 - 1)
                .as("%s: others may be ignored here as well", ignored).isNotZero();
    }

    @Test
    void L_11_no_secret_of_the_environment_is_seen_by_others() throws Exception {
        assertThat(leaks(tiny(Mode.R, "true").env("SECRET", "s3cr3t-" + "4711"), false)).isZero();
    }

    @Test
    void L_11_without_the_control_a_secret_is_seen() throws Exception {
        assertThat(leaks(tiny(Mode.R, "sleep 0.05; : s3cr3t-" + "4711"), true)).isPositive();
    }

    /// How often another user of the host finds the secret in what /proc shows of every process during launches.
    ///
    /// @param untilSeen whether it is looked for longer if nothing was found
    private static long leaks(ContainerBuilder builder, boolean untilSeen) throws Exception {
        String look = "while ! read -t 0.001 line; do "
                + "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ /proc/[0-9]*/comm 2>/dev/null | tr '\\0' '\\n'"
                + " | grep -v grep | grep s3cr3t-4711; done; exit 0";
        Process other = new ProcessBuilder("setpriv", "--reuid", "54321", "--regid", "54321", "--clear-groups", "bash",
                "-c", look.replace("s3cr3t-4711", "s3cr3t-471[1]")).redirectErrorStream(true).start();
        ContainerSpec spec = builder.build();
        long start = System.nanoTime();
        while (Racer.goesOn(start, 1, !untilSeen || other.getInputStream().available() > 0)) {
            spec.run(LIMIT);
        }
        other.getOutputStream().write('\n');
        other.getOutputStream().close();
        String seen = new String(other.getInputStream().readAllBytes());
        assertThat(other.waitFor()).isZero();
        assertThat(seen.lines()).allMatch(line -> line.contains("s3cr3t-4711"));
        return seen.lines().count();
    }

    @Test
    void L_15_a_jvm_that_is_killed_at_any_moment_leaves_no_process() throws Exception {
        for (int point = 0; point < 30; point++) {
            killAfter("endless", 3 * point);
            awaitNoOrphan();
            Await.that("the containers of a killed JVM end", () -> marked().isEmpty());
        }
    }

    @Test
    void L_15_without_the_control_containers_outlive_the_jvm() throws Exception {
        List<ProcessHandle> left = List.of();
        for (int i = 0; i < 5 && left.isEmpty(); i++) { // another JVM that looks after what was left behind may have been there
            Process jvm = jvm("endless-without-death-signal=" + mark());
            Await.that("a container runs", () -> !marked().isEmpty());
            jvm.destroyForcibly().waitFor();
            jvm.getInputStream().close();
            Thread.sleep(500); // they may end
            left = marked();
            left.forEach(ProcessHandle::destroyForcibly);
        }
        assertThat(left).isNotEmpty();
        Await.that("they end when they are killed", () -> marked().isEmpty());
    }

    @Test
    void L_15_the_layers_of_a_killed_jvm_are_deleted_at_the_next_start() throws Exception {
        Path layers = Files.createDirectory(directory.resolve("layers"));
        Process jvm = jvm("layer=" + layers);
        assertThat(layers.toFile().list()).hasSize(1);
        Rootfs overlay = Rootfs.overlay(root).upperOnDisk(layers);
        try (Container other = ContainerBuilder.create().rootfs(overlay).command("sleep", "100").start()) {
            assertThat(layers.toFile().list()).hasSize(2); // the other JVM's is in use
            jvm.destroyForcibly().waitFor();
            jvm.getInputStream().close();
            ContainerBuilder.create().rootfs(overlay).command("true").run(LIMIT);
            assertThat(layers.toFile().list()).hasSize(1);
            assertThat(other.isAlive()).isTrue();
        }
        assertThat(layers).isEmptyDirectory();
    }

    private String mark() {
        return "99" + directory.getFileName().toString().replaceAll("\\D", "").substring(0, 7);
    }

    private void killAfter(String step, long millis) throws Exception {
        Process jvm = jvm(step + "=" + mark());
        Thread.sleep(millis);
        jvm.destroyForcibly().waitFor();
        jvm.getInputStream().close();
    }

    private Process jvm(String step) throws Exception {
        List<String> command = QuickJvm.command();
        command.addAll(List.of(
                "-cp", System.getProperty("java.class.path"), Attempt.class.getName(), root.toString(), step));
        Process jvm = new ProcessBuilder(command).redirectErrorStream(true).start();
        assertThat(jvm.inputReader().readLine()).isEqualTo("ready");
        return jvm;
    }

    /// Processes that are commands of this test's containers.
    private List<ProcessHandle> marked() {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").endsWith(" " + mark()))
                .toList();
    }

    /// Waits until no process that still performs a plan has lost its JVM.
    private static void awaitNoOrphan() throws Exception {
        Await.that("no process performs a plan without its JVM", () -> ProcessHandle.allProcesses().noneMatch(process -> {
            try {
                Path exe = Files.readSymbolicLink(Path.of("/proc/" + process.pid() + "/exe"));
                return exe.toString().contains("memfd:dolium") && process.parent().map(parent -> parent.pid() == 1).orElse(true);
            } catch (java.io.IOException e) {
                return false; // ended meanwhile, or a kernel thread
            }
        }));
    }

    @Test
    void L_16_containers_outlive_the_threads_that_started_them() throws Exception {
        List<Container> containers = new ArrayList<>();
        ContainerSpec spec = tiny(Mode.R, "sleep 100").build();
        try {
            for (int i = 0; i < 10; i++) {
                Runnable start = () -> {
                    try {
                        Container container = spec.start();
                        synchronized (containers) {
                            containers.add(container);
                        }
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                };
                Thread thread = i % 2 == 0 ? Thread.startVirtualThread(start) : Thread.ofPlatform().start(start);
                thread.join();
            }
            Thread.sleep(200);
            assertThat(containers).hasSize(10).allMatch(Container::isAlive);
        } finally {
            containers.forEach(Container::close);
        }
    }

    @Test
    void L_17_no_core_is_dumped_unless_the_command_asks_for_it() throws Exception {
        assertThat(attempt(HERE, "ulimit -c unlimited; exec \"$@\"", "cores", "cores-without-limit"))
                .isEqualTo("0\nunlimited\n" + "unlimited\nunlimited\n"); // the negative control comes last
    }

    @Test
    void L_20_the_state_of_the_jvm_is_not_the_commands() throws Exception {
        String odd = "umask 077; trap '' USR1 USR2 TSTP; cd /usr; echo 300 > /proc/self/oom_score_adj; "
                + "echo 123456 > /proc/self/timerslack_ns; exec setarch -R nice -n 5 taskset -c 0 \"$@\"";
        assertThat(attempt(HERE, odd, "state")).isEqualTo("""
                umask 0022
                cwd /
                nice 0
                personality 00000000
                SigBlk 0000000000000000
                SigIgn 0000000000000000
                SigCgt 0000000000000000
                NoNewPrivs 1
                Seccomp 2
                oom_score_adj 300
                processors 0
                """); // the last two are inherited, as documented
    }

    @Test
    void L_20_without_the_control_the_state_is_inherited() throws Exception {
        assertThat(attempt(HERE, "renice -n 5 -p $$ >/dev/null; exec \"$@\"", "state-without-reset")).contains("nice 5\n");
    }

    @Test
    void F_04_a_log_that_is_the_jvms_output_can_not_be_emptied_by_a_container() throws Exception {
        assertThat(attempt(HERE, AS_ROOT, "print=precious", "attack-output")).isEqualTo("precious\n");
    }
}
