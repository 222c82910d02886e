// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.dolium.capability.Capability;
import org.dolium.linux.Errno;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.process.LaunchException;
import org.dolium.seccomp.SeccompAction;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.seccomp.SeccompRule;
import org.dolium.testing.Await;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.ProcessStatus;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A container with an init: its command is a process like any other, and nobody is left a zombie.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
@Timeout(60)
class InitTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(300);
    /// Its child has a child that outlives it, which then is the child of process 1.
    private static final String ORPHAN = "(sleep 0.05 & exec true); ";

    @TempDir
    Path directory;

    private ContainerBuilder shell(String script) throws Exception {
        return tiny("sh", "-c", script);
    }

    private ContainerBuilder tiny(String... command) throws Exception {
        return ContainerBuilder.create().rootfs(Rootfs.directory(TinyRoot.make(directory))).command(command).init(true);
    }

    private static Container ready(ContainerBuilder builder) throws Exception {
        Container container = builder.start();
        assertThat(container.process().inputReader().readLine()).isEqualTo("ready");
        return container;
    }

    private static List<String> children(long pid) throws IOException {
        return Stream.of(Files.readString(Path.of("/proc/" + pid + "/task/" + pid + "/children")).split(" "))
                .filter(child -> !child.isBlank()).toList();
    }

    private static boolean zombie(String pid) {
        try {
            return ProcessStatus.of(pid).field("State").startsWith("Z");
        } catch (java.io.UncheckedIOException e) {
            return false; // gone
        }
    }

    @Test
    void G_06_an_init_waits_for_orphans() throws Exception {
        try (Container container = ready(shell(ORPHAN.repeat(40) + "echo ready; exec sleep 100"))) {
            Await.that("the init has waited for them", () -> children(container.pid()).size() == 1);
        }
    }

    @Test
    void G_06_control_without_one_they_stay_zombies() throws Exception {
        // the shell waits for some of the others, but no more when the last ends
        String last = "(sleep 1 & exec true); ";
        try (Container container = ready(shell(ORPHAN.repeat(40) + last + "echo ready; exec sleep 100").init(false))) {
            Await.that("a zombie", () -> children(container.pid()).stream().anyMatch(InitTest::zombie));
            Thread.sleep(SHORT);
            assertThat(children(container.pid())).filteredOn(InitTest::zombie).isNotEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"exit 0, 0", "exit 3, 3", "exit 137, 137", "kill -TERM $$, 143", "kill -KILL $$, 137", "kill -35 $$, 163"})
    void it_ends_as_the_command_does(String script, int code) throws Exception {
        assertThat(shell(script).run(LONG).status()).isEqualTo(new ExitStatus.Exited(code));
    }

    @Test
    void it_ends_with_the_command_and_everything_else_with_it() throws Exception {
        try (Container container = shell("sleep 1000 & exit 4").start()) {
            assertThat(container.waitFor(LONG)).contains(new ExitStatus.Exited(4));
            assertThat(container.process().getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void a_command_without_handlers_heeds_signals() throws Exception {
        try (Container container = tiny("sleep", "1000").start()) {
            assertThat(container.stop(LONG)).isEqualTo(new Stopped(new ExitStatus.Exited(143), false));
        }
    }

    @Test
    void control_as_process_one_it_does_not() throws Exception {
        try (Container container = tiny("sleep", "1000").init(false).start()) {
            assertThat(container.stop(SHORT).forced()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10, 12, 13, 15, 20, 21, 22, 23, 28, 34, 64})
    void it_hands_signals_on(int number) throws Exception {
        try (Container container = ready(shell("trap 'exit 7' " + number + "; echo ready; while :; do sleep 0.02; done"))) {
            assertThat(container.kill(new Signal(number))).isTrue();
            assertThat(container.waitFor(LONG)).contains(new ExitStatus.Exited(7));
        }
    }

    @Test
    void a_command_that_is_stopped_goes_on_when_it_is_told() throws Exception {
        try (Container container = ready(tiny("sh", "-c", "echo ready; while :; do echo x; sleep 0.01; done"))) {
            BufferedReader reader = container.process().inputReader();
            String command = children(container.pid()).getFirst();
            container.kill(new Signal(20)); // SIGTSTP
            awaitState(command, "T");
            container.kill(Signal.CONT);
            awaitState(command, "S");
            assertThat(reader.readLine()).isEqualTo("x");
        }
    }

    private static void awaitState(String pid, String state) throws Exception {
        Await.that("process " + pid + " in state " + state, () -> ProcessStatus.of(pid).field("State").startsWith(state));
    }

    @Test
    void a_kill_of_the_container_is_told_as_such() throws Exception {
        try (Container container = tiny("sleep", "1000").start()) {
            container.kill(Signal.KILL);
            assertThat(container.waitFor()).isEqualTo(new ExitStatus.Signalled(Signal.KILL, false));
        }
    }

    @Test
    void the_command_has_nothing_of_it_but_its_parent() throws Exception {
        String[] lines = shell("cat /proc/self/status; ls /proc/self/fd; echo $$ $PPID").run(LONG).stdout().split("\n");
        ProcessStatus status = ProcessStatus.parse(String.join("\n", lines));
        for (String mask : List.of("SigBlk", "SigIgn", "ShdPnd")) {
            assertThat(status.mask(mask)).as(mask).isZero();
        }
        assertThat(lines).endsWith("0", "1", "2", "3", "2 1"); // the last descriptor is that of ls
    }

    /// What confines a process, as the kernel tells.
    private static TreeMap<String, String> confinement(ContainerBuilder builder) throws Exception {
        TreeMap<String, String> fields = new TreeMap<>(
                ProcessStatus.parse(builder.command("cat", "/proc/self/status").run(LONG).stdout()).fields());
        fields.keySet().removeIf(name -> !name.matches("Cap.*|Seccomp.*|NoNewPrivs|Uid|Gid|Groups|Umask|Speculation.*"));
        assertThat(fields).hasSizeGreaterThan(8);
        return fields;
    }

    @Test
    void the_command_is_confined_as_without() throws Exception {
        for (boolean privileges : new boolean[] {true, false}) {
            ContainerBuilder builder = tiny().noNewPrivileges(privileges).umask(027);
            TreeMap<String, String> with = confinement(builder);
            assertThat(with).isEqualTo(confinement(builder.init(false)));
        }
        ContainerBuilder unconfined = tiny().seccomp(SeccompProfile.unconfined());
        assertThat(confinement(unconfined)).isEqualTo(confinement(unconfined.init(false)));
    }

    @Test
    void the_init_is_confined_as_the_container_and_more() throws Exception {
        try (Container container = ready(shell("echo ready; exec sleep 100"))) {
            ProcessStatus init = ProcessStatus.of(Long.toString(container.pid()));
            ProcessStatus command = ProcessStatus.of(children(container.pid()).getFirst());
            for (String field : List.of("Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp")) {
                assertThat(init.field(field)).as(field).isEqualTo(command.field(field));
            }
            assertThat(init.field("Seccomp")).isEqualTo("2");
            assertThat(init.mask("SigIgn") | init.mask("SigCgt")).isZero();
            assertThat(init.field("Name")).isEqualTo("dolium-init");
            assertThat(container.security().pid()).isEqualTo(Long.parseLong(children(container.pid()).getFirst()));
        }
    }

    /// Where the filter comes before the ids are changed, it holds for the init too, which adds its own.
    @Test
    void without_no_new_privileges_the_init_has_two_filters() throws Exception {
        try (Container container = ready(shell("echo ready; exec sleep 100").noNewPrivileges(false))) {
            ProcessStatus init = ProcessStatus.of(Long.toString(container.pid()));
            assertThat(init.field("Seccomp_filters")).isEqualTo(
                    Integer.toString(Integer.parseInt(ProcessStatus.self().field("Seccomp_filters")) + 2));
            assertThat(init.field("NoNewPrivs")).isEqualTo("1");
        }
    }

    @Test
    void nobody_in_the_container_can_look_into_it_or_write_to_it() throws Exception {
        String script = "readlink /proc/1/exe; echo $?; dd if=/proc/1/exe of=/dev/null 2>/dev/null; echo $?;"
                + " dd if=/dev/zero of=/proc/1/mem bs=1 count=1 2>/dev/null; echo $?; cat /proc/1/maps /proc/1/environ 2>/dev/null; echo $?;"
                + " ls /proc/1/fd 2>/dev/null | wc -l";
        assertThat(shell(script).run(LONG).stdout()).isEqualTo("1\n1\n1\n1\n0\n");
    }

    @Test
    void control_a_process_of_its_own_can_be_looked_into() throws Exception {
        assertThat(shell("readlink /proc/$$/exe; cat /proc/$$/maps > /dev/null; echo $?").run(LONG).stdout())
                .isEqualTo("/bin/busybox\n0\n");
    }

    /// It is in no file that anybody could open or change, and none of its memory but the stack can be written.
    @Test
    void it_holds_no_descriptor_and_its_memory_is_not_writable() throws Exception {
        try (Container container = ready(shell("echo ready; exec sleep 100"))) {
            Path proc = Path.of("/proc", Long.toString(container.pid()));
            try (Stream<Path> descriptors = Files.list(proc.resolve("fd"))) {
                assertThat(descriptors).isEmpty();
            }
            assertThat(Files.readString(proc.resolve("cmdline"))).isEqualTo("init\0");
            assertThat(Files.readAllLines(proc.resolve("maps")))
                    .filteredOn(line -> line.split(" ")[1].contains("w"))
                    .singleElement().asString().contains("rw-p").contains("[stack]");
        }
    }

    @Test
    void that_a_command_can_not_be_run_is_told() throws Exception {
        assertThatExceptionOfType(LaunchException.class).isThrownBy(() -> tiny("/no/such").start())
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT))
                .withMessageContaining("execve(\"/no/such\"");
        assertThatExceptionOfType(LaunchException.class).isThrownBy(() -> tiny("nowhere").run(LONG))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ENOENT));
        assertThatExceptionOfType(LaunchException.class).isThrownBy(() -> tiny("/etc/passwd").start())
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EACCES));
        assertThatExceptionOfType(LaunchException.class).isThrownBy(() -> tiny("true").workingDirectory("/none").start())
                .withMessageContaining("chdir(\"/none\")");
    }

    @Test
    void what_it_needs_and_can_not_have_is_told_before() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tiny("true").namespace(NamespaceKind.PID, NamespaceMode.host()).build())
                .withMessageContaining("an init needs a pid namespace of the container's own");
        SeccompProfile noWait = SeccompProfile.standard().with(SeccompRule.of(SeccompAction.errno(Errno.EPERM), "wait4")).named("no wait");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tiny("true").seccomp(noWait).noNewPrivileges(false).build())
                .withMessageContaining("the seccomp profile 'no wait' forbids wait4, which an init needs where no_new_privs is off");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tiny("true").noNewPrivileges(false).onSyscall("mkdir", InterceptedSyscall::proceed).build())
                .withMessageContaining("an init can't be where system calls are intercepted and no_new_privs is off");
    }

    /// A profile says what the command may do. That it may not wait or send signals does not hinder the init.
    @Test
    void a_profile_without_the_calls_of_the_init_does_not_disturb_it() throws Exception {
        SeccompProfile narrow = SeccompProfile.standard()
                .with(SeccompRule.of(SeccompAction.errno(Errno.EPERM), "wait4", "kill", "clone", "rt_sigtimedwait", "close_range"));
        try (Container container = tiny("sleep", "1000").seccomp(narrow).start()) {
            assertThat(container.stop(LONG)).isEqualTo(new Stopped(new ExitStatus.Exited(143), false));
        }
    }

    @Test
    void calls_of_the_command_can_be_intercepted() throws Exception {
        ContainerBuilder builder = shell("mkdir /tmp/x 2>/dev/null || exit 9").onSyscall("mkdir", call -> call.fail(Errno.EBUSY));
        assertThat(builder.run(LONG).status()).isEqualTo(new ExitStatus.Exited(9));
    }

    @Test
    void other_users_have_it_too() throws Exception {
        if (ProcessStatus.self().effectiveUid() != 0) {
            return; // has a single id
        }
        try (Container container = ready(shell("echo ready; exec sleep 100").user("1000:50").dropCapabilities(Capability.values()))) {
            assertThat(ProcessStatus.of(Long.toString(container.pid())).field("Uid")).startsWith("1000\t1000");
            assertThat(container.stop(LONG).status()).isEqualTo(new ExitStatus.Exited(143));
        }
    }

    /// It has no init of its own, and what it leaves behind is the container's init's.
    @Test
    void a_further_command_is_one_process_more() throws Exception {
        try (Container container = tiny("sleep", "1000").start()) {
            Result result = container.exec("sh", "-c", ORPHAN + "cat /proc/1/comm; exec ps -o comm").run();
            assertThat(result.stdout()).startsWith("dolium-init\n").contains("sleep");
            assertThat(result.stdout().lines().filter("dolium-init"::equals)).hasSize(2);
            Await.that("the init has waited for the orphan", () -> children(container.pid()).size() == 1);
        }
    }
}
