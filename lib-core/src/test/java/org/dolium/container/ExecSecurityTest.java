// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.dolium.capability.Capability;
import org.dolium.capability.CapabilitySets;
import org.dolium.confinement.Landlock;
import org.dolium.kernel.Kernel;
import org.dolium.launch.Program;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.namespace.NamespaceKind;
import org.dolium.plan.Step;
import org.dolium.process.LaunchException;
import org.dolium.process.Rlimit;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.testing.Attacker;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows X of the security matrix: further commands in a container that is hostile.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class ExecSecurityTest extends SecurityRows {
    private static final int EXECS = 5000;
    /// The command line of a process that performs a plan.
    private static final String JOINER = "init";
    private static final String DUMPABLE = "prctl\\(PR_SET_DUMPABLE, 0\\)";
    private static final String END = "END OF STATE";
    private static final String STATE = "grep -E '^(Umask|Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp|Sig(Blk|Ign|Cgt))' /proc/self/status;"
            + " cut -d ' ' -f 4- /proc/self/mountinfo; cat /proc/self/oom_score_adj /proc/self/cgroup /proc/self/limits;"
            + " cat /proc/self/attr/current 2>/dev/null; for n in /proc/self/ns/*; do readlink $n; done; ls /proc/self/fd;"
            + " hostname; pwd; nproc; echo " + END;

    private static final String HOSTILE_NAMES = "0|1|1000|alice|alice:audio|1000:staff|1:1|root|root:root|0:0|alice:1|-1|+0|0x0| 0|0 |"
            + "4294967294|4294967295|4294967296|99999999999|18446744073709551616|nobody-knows|alice:nobody|:0|alice:|:|a:b:c|٠|1.0|01|"
            + "1000:4294967296|root\n|../etc|65535|70000|00|1e3|alice:-1|0:|۱";

    /// How the container is met by those who run something in it.
    Opened open(ContainerBuilder builder) throws Exception {
        return Opened.attached(builder);
    }

    /// How many enter one that attacks them.
    int execs() {
        return EXECS;
    }

    private Opened sleeping(Mode mode) throws Exception {
        return open(tiny(mode, "exec sleep 1000"));
    }

    /// It has all capabilities where they are those of its own user namespace, and no system call filter.
    private static ContainerBuilder attacker(Mode mode) {
        ContainerBuilder builder = mode.apply(ContainerBuilder.create()
                .rootfs(Rootfs.host())
                .seccomp(SeccompProfile.unconfined())
                .command(Attacker.command(JOINER, false)));
        return mode == Mode.R ? builder : builder.capabilities(CapabilitySets.all());
    }

    private interface Changes {
        ExecBuilder apply(ExecBuilder builder, int number) throws Exception;
    }

    private Attacker attacked(Mode mode, int execs, Changes changes) throws Exception {
        try (Opened container = open(attacker(mode))) {
            assertThat(container.readLine()).isEqualTo("ready");
            for (int i = 0; i < execs; i++) {
                Result result = changes.apply(container.exec("true"), i).run(LIMIT);
                assertThat(result.status()).as("%s", result.stderr()).isEqualTo(new ExitStatus.Exited(0));
            }
            return Attacker.result(container.finish());
        }
    }

    /// Every fourth waits a little where everybody can see it.
    @ParameterizedTest
    @MethodSource("modes")
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void X_01_whoever_attacks_thousands_that_enter_gets_nothing(Mode mode) throws Exception {
        int enough = execs() / 10;
        Attacker attacker = Attacker.rounds(all -> all.tried(JOINER) > enough, () ->
                attacked(mode, execs(), (exec, i) -> i % 4 == 0 ? ExecVariant.lingering(exec, 2) : exec));
        assertThat(attacker.tried(JOINER)).isGreaterThan(enough);
        assertThat(attacker.hits()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("modes")
    void X_01_without_the_control_it_is_read_and_traced(Mode mode) throws Exception {
        List<String> hits = List.of("memory of " + JOINER, "exe of " + JOINER);
        Attacker attacker = Attacker.rounds(all -> all.hits().keySet().containsAll(hits), () ->
                attacked(mode, 50, (exec, i) -> ExecVariant.withArgument(ExecVariant.lingering(exec, 20), DUMPABLE, 1, Arg.num(1))));
        assertThat(attacker.hits().keySet()).containsAll(hits);
    }

    /// What the JVM has open, and what the way into the container takes.
    @ParameterizedTest
    @MethodSource("modes")
    void X_01_the_command_has_no_descriptor_but_its_streams(Mode mode) throws Exception {
        List<InputStream> open = new ArrayList<>();
        try (Opened container = sleeping(mode)) {
            for (int i = 0; i < 200; i++) {
                open.add(new FileInputStream("/etc/passwd"));
            }
            assertThat(container.exec("sh", "-c", "echo /proc/self/fd/*").run(LIMIT).stdout())
                    .isEqualTo("/proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 /proc/self/fd/3\n"); // the last is the directory
        } finally {
            for (InputStream stream : open) {
                stream.close();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void X_01_without_the_control_it_has_the_pidfd(Mode mode) throws Exception {
        try (Opened container = sleeping(mode)) {
            ExecBuilder weak = ExecVariant.without(container.exec("sh", "-c", "echo /proc/self/fd/*"), "close_range\\(.*");
            assertThat(weak.run(LIMIT).stdout()).contains("/proc/self/fd/4");
        }
    }

    /// CVE-2019-5736: what is executed is the launch program, which is sealed, and does nothing without its JVM.
    @ParameterizedTest
    @MethodSource("modes")
    void X_01_the_program_that_enters_can_neither_be_changed_nor_used(Mode mode) throws Exception {
        try (Opened container = sleeping(mode)) {
            container.exec("ln", "-s", "/proc/self/exe", "/tmp/again").run(LIMIT);
            for (String program : new String[] {"/proc/self/exe", "/tmp/again"}) {
                assertThat(container.exec(program).run(LIMIT).status()).isEqualTo(new ExitStatus.Exited(127));
            }
            assertThat(container.exec("echo", "fine").run(LIMIT).stdout()).isEqualTo("fine\n");
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void X_02_a_proc_that_the_container_covered_is_not_used(Mode mode) throws Exception {
        ContainerBuilder builder = tiny(mode, "mount -t tmpfs none /proc && mkdir -p /proc/self/fd && echo ready; exec sleep 1000")
                .addCapabilities(Capability.SYS_ADMIN).seccomp(SeccompProfile.unconfined()).user("0:0");
        try (Opened container = open(builder)) {
            assertThat(container.readLine()).isEqualTo("ready");
            ExecBuilder exec = container.exec("sh", "-c", "ls -A /proc; id -u");
            assertThat(exec.run(LIMIT).stdout()).isEqualTo("self\n0\n");
            String plan = exec.explain();
            String inside = plan.substring(plan.indexOf("setns("));
            assertThat(inside).doesNotContain("\"/proc");
        }
    }

    private static String stateOf(Opened container) throws Exception {
        StringBuilder state = new StringBuilder();
        for (String line = container.readLine(); ; line = container.readLine()) {
            state.append(line).append('\n');
            if (line == null || line.equals(END)) {
                return state.toString();
            }
        }
    }

    private ContainerBuilder everything(Mode mode) {
        ContainerBuilder builder = tiny(mode, STATE + "; exec sleep 1000")
                .umask(027).oomScoreAdj(300).rlimit(new Rlimit(Rlimit.Resource.NOFILE, 100, 200))
                .addCapabilities(Capability.NET_ADMIN).dropCapabilities(Capability.CHOWN).hostname("box").workingDirectory("/tmp");
        return mode == Mode.U1 ? builder : builder.user("1000:1001");
    }

    private static String stateOfExec(ExecBuilder exec) throws Exception {
        Result result = exec.run(LIMIT);
        return result.stdout() + result.stderr();
    }

    @ParameterizedTest
    @MethodSource("modes")
    void X_03_it_is_confined_as_the_container_is(Mode mode) throws Exception {
        try (Opened container = open(everything(mode))) {
            assertThat(stateOfExec(container.exec("sh", "-c", STATE))).isEqualTo(stateOf(container));
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void X_03_the_containers_root_is_confined_as_well(Mode mode) throws Exception {
        try (Opened container = open(tiny(mode, STATE + "; exec sleep 1000").user("0:0"))) {
            assertThat(stateOfExec(container.exec("sh", "-c", STATE).user("root:root"))).isEqualTo(stateOf(container));
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void X_03_without_the_controls_the_difference_is_seen(Mode mode) throws Exception {
        List<String> controls = new ArrayList<>(List.of(
                "seccomp\\(.*", "prctl\\(PR_CAPBSET_DROP.*", "umask\\(.*", "prlimit64\\(0, RLIMIT_NOFILE.*", "write\\(.*\"300\".*",
                "chdir\\(.*", "close_range\\(.*"));
        if (mode != Mode.U1) {
            controls.add("write\\(\\d, \"0\".*"); // a plain user's container has no cgroup here
            controls.add("setgroups\\(.*");
        }
        try (Opened container = open(everything(mode))) {
            String state = stateOf(container);
            for (String control : controls) {
                ExecBuilder weak = ExecVariant.without(container.exec("sh", "-c", STATE), control);
                assertThat(stateOfExec(weak)).as(control).isNotEqualTo(state);
            }
            for (NamespaceKind kind : new NamespaceKind[] {NamespaceKind.NET, NamespaceKind.IPC, NamespaceKind.UTS, NamespaceKind.CGROUP}) {
                long flags = 0x10000000L | 0x00020000L | 0x20000000L | 0x04000000L | 0x08000000L | 0x02000000L | 0x40000000L;
                flags &= ~kind.cloneFlag() & (mode == Mode.R ? ~NamespaceKind.USER.cloneFlag() : -1L);
                ExecBuilder weak = ExecVariant.withArgument(
                        container.exec("sh", "-c", STATE), "setns\\(.*", 1, Arg.num(flags));
                assertThat(stateOfExec(weak)).as("%s", kind).isNotEqualTo(state);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void X_03_it_can_not_gain_privileges(Mode mode) throws Exception {
        try (Opened container = open(everything(mode).seccomp(SeccompProfile.unconfined()))) {
            String script = "grep NoNewPrivs /proc/self/status";
            assertThat(container.exec("sh", "-c", script).run(LIMIT).stdout()).isEqualTo("NoNewPrivs:\t1\n");
            ExecBuilder weak = ExecVariant.without(container.exec("sh", "-c", script), "prctl\\(PR_SET_NO_NEW_PRIVS.*");
            assertThat(weak.run(LIMIT).stdout()).isEqualTo("NoNewPrivs:\t0\n");
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void X_03_it_is_under_the_containers_landlock_rules(Mode mode) throws Exception {
        MustRun.require(Kernel.call(Sys.LANDLOCK_CREATE_RULESET, 0, 0, 1) >= 3, "Landlock");
        Landlock rules = Landlock.create().execute("/bin").readOnly("/proc").readWrite("/tmp");
        try (Opened container = open(tiny(mode, "exec sleep 1000").landlock(rules))) {
            String script = "cat /etc/passwd; echo fine";
            Result result = container.exec("sh", "-c", script).run(LIMIT);
            assertThat(result.stdout()).isEqualTo("fine\n");
            assertThat(result.stderr()).contains("/etc/passwd': Permission denied");
            ExecBuilder weak = ExecVariant.without(container.exec("sh", "-c", script), "landlock_restrict_self\\(.*");
            assertThat(weak.run(LIMIT).stdout()).contains("alice");
        }
    }

    /// What is put where a rule was meant for something else would be more than the container has.
    @ParameterizedTest
    @MethodSource("modes")
    void X_03_landlock_rules_about_what_the_container_can_exchange_are_refused(Mode mode) throws Exception {
        MustRun.require(Kernel.call(Sys.LANDLOCK_CREATE_RULESET, 0, 0, 1) >= 3, "Landlock");
        Files.createDirectories(root.resolve("tmp/tools"));
        Landlock rules = Landlock.create().execute("/bin").readWrite("/tmp").execute("/tmp/tools");
        try (Opened container = open(tiny(mode, "exec sleep 1000").landlock(rules))) {
            assertThatIllegalArgumentException().isThrownBy(() -> container.exec("true").run())
                    .withMessageContaining("Landlock rules about /tmp/tools can't be given to a further command");
        }
    }

    /// The command of a container that can't be told from a link's target.
    @ParameterizedTest
    @MethodSource("modes")
    void X_03_landlock_rules_do_not_follow_links_that_the_container_made(Mode mode) throws Exception {
        MustRun.require(Kernel.call(Sys.LANDLOCK_CREATE_RULESET, 0, 0, 1) >= 3, "Landlock");
        Files.createSymbolicLink(root.resolve("app"), Path.of("tmp/app"));
        Files.createDirectories(root.resolve("tmp/app"));
        root.resolve("tmp/app").toFile().setWritable(true, false);
        Landlock rules = Landlock.create().execute("/bin", "/app").readWrite("/tmp");
        String exchange = "rm -r /tmp/app && ln -s ../etc /tmp/app && echo done; exec sleep 1000";
        try (Opened container = open(tiny(mode, exchange).landlock(rules))) {
            assertThat(container.readLine()).isEqualTo("done");
            assertThat(container.exec("sh", "-c", "cat /etc/passwd").run(LIMIT).stdout()).isEmpty();
            ExecBuilder weak = ExecVariant.of(container.exec("sh", "-c", "cat /etc/passwd"), "openat2\\(AT_FDCWD, \"/app.*", step -> {
                Step.Call call = (Step.Call) step;
                Arg how = org.dolium.linux.MountFlags.openHow(0x280000, "O_PATH|O_CLOEXEC", 2, "RESOLVE_NO_MAGICLINKS");
                List<Arg> arguments = List.of(call.call().args().get(0), call.call().args().get(1), how, call.call().args().get(3));
                return new Step.Call(new org.dolium.linux.Syscall(Sys.OPENAT2, arguments), call.tolerated(), call.expected(), false);
            });
            assertThat(weak.run(LIMIT).stdout()).contains("alice"); // the negative control
        }
    }

    private static String outcome(boolean byExec, Opened container, ContainerBuilder builder, String user) throws Exception {
        try {
            String[] who = {"sh", "-c", "grep -E '^([UG]id|Groups)' /proc/self/status"};
            return (byExec ? container.exec(who).user(user).run(LIMIT) : builder.command(who).user(user).run(LIMIT)).stdout();
        } catch (IllegalArgumentException e) {
            return String.valueOf(e.getMessage()).lines().skip(1).toList().toString();
        } catch (LaunchException e) {
            return e.call() + " " + e.errno();
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void X_04_users_are_understood_as_at_the_start(Mode mode) throws Exception {
        try (Opened container = sleeping(mode)) {
            for (String user : HOSTILE_NAMES.split("\\|")) {
                String entered = outcome(true, container, tiny(mode, ""), user);
                if (mode != Mode.U1 || !entered.contains("is not mapped")) { // a start with a single id maps the wanted one
                    assertThat(entered).as(user).isEqualTo(outcome(false, container, tiny(mode, ""), user));
                }
            }
            if (mode == Mode.R) { // crun's CVE-2026-30892
                assertThat(outcome(true, container, tiny(mode, ""), "1")).startsWith("Uid:\t1\t1\t1\t1\nGid:\t0\t");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    @Timeout(120)
    void X_05_who_stops_what_enters_delays_it_to_its_deadline_only(Mode mode) throws Exception {
        ContainerBuilder builder = tiny(mode, "echo ready; while :; do kill -STOP -1; done 2>/dev/null");
        try (Opened container = open(builder)) {
            assertThat(container.readLine()).isEqualTo("ready");
            int late = 0;
            for (int i = 0; i < 10 || late == 0 && i < 100; i++) {
                long begin = System.nanoTime();
                try {
                    Duration limit = Duration.ofMillis(400);
                    ExitStatus status = container.exec("sleep", "0.2").startTimeout(limit).run(limit).status();
                    late += status instanceof ExitStatus.TimedOut ? 1 : 0;
                } catch (IOException e) {
                    assertThat(e).hasMessageContaining("did not start within PT0.4S; it was killed");
                    late++;
                }
                assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(20));
            }
            assertThat(late).isPositive(); // the attack is one
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void X_05_a_command_that_is_a_pipe_is_an_error_at_once(Mode mode) throws Exception {
        try (Opened container = sleeping(mode)) {
            container.exec("sh", "-c", "busybox mkfifo /tmp/pipe && chmod 755 /tmp/pipe").run(LIMIT);
            assertThatExceptionOfType(LaunchException.class).isThrownBy(() -> container.exec("/tmp/pipe").run(LIMIT))
                    .withMessageContaining("execve(\"/tmp/pipe\", [\"/tmp/pipe\"]").withMessageContaining("EACCES");
        }
    }

    static Path frozen(Opened container) throws Exception {
        String line = Files.readAllLines(Path.of("/proc/" + container.pid() + "/cgroup")).stream()
                .filter(text -> text.startsWith("0::")).findFirst().orElseThrow();
        Path unified = Path.of(Files.exists(Path.of("/sys/fs/cgroup/unified")) ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup");
        return unified.resolve(line.substring(4)).resolve("cgroup.freeze");
    }

    /// Frozen by somebody else: [Container#pause] says so at once.
    @Test
    @Timeout(60)
    void L_08_a_frozen_container_is_not_waited_for_longer_than_allowed() throws Exception {
        if (modes().contains(Mode.U1)) {
            return; // has no cgroup
        }
        Duration limit = Duration.ofMillis(500);
        try (Opened container = sleeping(Mode.R)) {
            assertThat(container.exec("true").run(LIMIT).status()).isEqualTo(new ExitStatus.Exited(0));
            Files.writeString(frozen(container), "1");
            for (int i = 0; i < 3; i++) {
                long begin = System.nanoTime();
                assertThatExceptionOfType(IOException.class)
                        .isThrownBy(() -> container.exec("true").startTimeout(limit).start())
                        .withMessageContaining("did not start within PT0.5S");
                assertThatExceptionOfType(IOException.class)
                        .isThrownBy(() -> container.exec("true").startTimeout(limit).run())
                        .withMessageContaining("did not start within PT0.5S");
                assertThat(System.nanoTime() - begin).isLessThan(TimeUnit.SECONDS.toNanos(20));
            }
            Files.writeString(frozen(container), "0");
            assertThat(container.exec("echo", "on").run(LIMIT).stdout()).isEqualTo("on\n");
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    @Timeout(120)
    void X_06_a_container_that_ends_meanwhile_is_never_mistaken_for_another(Mode mode) throws Exception {
        String host = JoinTest.namespace(ProcessHandle.current().pid(), NamespaceKind.MOUNT);
        for (int i = 0; i < 30; i++) {
            try (Opened container = sleeping(mode)) {
                ExecBuilder exec = container.exec("readlink", "/proc/self/ns/mnt");
                exec.program = Program.compile(exec.plan());
                container.kill(Signal.KILL);
                try {
                    assertThat(exec.run(LIMIT).stdout()).isNotEqualTo(host + "\n");
                } catch (IllegalStateException e) {
                    assertThat(e).hasMessageMatching("the container has ended|container .* does not run");
                } catch (LaunchException e) {
                    assertThat(e.call()).matches("(setns|clone)\\(.*"); // it had not been reaped
                }
            }
        }
    }

    @Test
    void X_06_without_the_control_the_command_is_on_the_host() throws Exception {
        if (modes().contains(Mode.U1)) {
            return;
        }
        String host = JoinTest.namespace(ProcessHandle.current().pid(), NamespaceKind.MOUNT);
        try (Opened container = sleeping(Mode.R)) {
            ExecBuilder weak = ExecVariant.without(container.exec("readlink", "/proc/self/ns/mnt"), "setns\\(.*");
            assertThat(weak.run(LIMIT).stdout()).isEqualTo(host + "\n");
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void X_07_a_user_that_is_not_mapped_is_refused_before_anything_is_done(Mode mode) throws Exception {
        if (mode == Mode.R) {
            return; // has all users
        }
        try (Opened container = sleeping(mode)) {
            assertThatIllegalArgumentException().isThrownBy(() -> container.exec("true").user("70000:70000").run())
                    .withMessageContaining("user 70000 is not mapped in the user namespace")
                    .withMessageContaining("group 70000 is not mapped in the user namespace");
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void X_08_no_program_or_library_of_the_container_is_used_but_the_command(Mode mode) throws Exception {
        String trojan = "#!/bin/sh\ntouch " + canary.directory() + "/hit /hit\n";
        for (String name : new String[] {"usr/bin/xz", "sbin/init", "bin/getent", "lib/libnss_files.so.2", "etc/ld.so.preload"}) {
            Path file = root.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, trojan);
            assertThat(file.toFile().setExecutable(true, false)).isTrue();
        }
        Files.writeString(root.resolve("etc/nsswitch.conf"), "passwd: files\n");
        try (Opened container = sleeping(mode)) {
            assertThat(container.exec("sh", "-c", "ls /hit 2>/dev/null; echo fine").user("root").run(LIMIT).stdout()).isEqualTo("fine\n");
            ExecBuilder hit = container.exec("/usr/bin/xz");
            assertThat(hit.run(LIMIT).stderr()).isNotEmpty(); // it would be seen: the trojan does something
        }
        assertThat(root.resolve("hit").toFile().exists()).isEqualTo(mode != Mode.RU);
    }
}
