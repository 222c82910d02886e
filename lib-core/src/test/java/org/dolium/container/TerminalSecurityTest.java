// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.plan.Step;
import org.dolium.process.LaunchException;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.testing.Inner;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.PseudoTerminal;
import org.dolium.testing.Slow;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows T of the security matrix, and those of others that are about terminals.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class TerminalSecurityTest extends SecurityRows {
    private static final Path TERMINALS = Path.of("/dev/pts");

    private static List<String> ofTheHost() throws Exception {
        try (Stream<Path> files = Files.list(TERMINALS)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_11_the_console_is_the_new_terminal_whatever_the_image_has_there(Mode mode) throws Exception {
        Files.createSymbolicLink(root.resolve("dev/console"), canary.directory().resolve("file"));
        Files.createDirectory(root.resolve("dev/pts"));
        Files.createSymbolicLink(root.resolve("dev/pts/0"), canary.directory().resolve("file"));
        Files.createSymbolicLink(root.resolve("dev/pts/ptmx"), canary.directory().resolve("file"));
        try (PseudoTerminal users = PseudoTerminal.open()) { // the host's first is none of the container's
            String script = "ls -l /dev/console | cut -c 1; stat -c '%t:%T' /dev/console /dev/pts/0; echo x > /dev/console";
            assertThat(output(tiny(mode, script).terminal())).isEqualTo("c\r\n88:0\r\n88:0\r\nx\r\n");
            assertThat(users.printed()).isEmpty();
        }
    }

    /// A plan that allocates the terminal where the host has its own, as if a name had been looked up.
    private ContainerSpec onTheHosts(Mode mode, boolean looking) throws Exception {
        String change = "openat\\(.*\"ptmx\".*" + (looking ? "" : "|expect .*(in a devpts|number 136:0|number 5:2)");
        return Variant.of(tiny(mode, "stat -L -c 'minor %T' /dev/console").terminal(), change, step -> step instanceof Step.Expect
                ? Variant.NOTHING
                : new Step.Call(Syscall.of(
                        Sys.OPENAT, Arg.AT_FDCWD, Arg.str("/dev/ptmx"), Arg.flags(0x80102, "O_RDWR|O_NOCTTY|O_CLOEXEC"))));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_11_a_terminal_of_another_file_system_is_refused(Mode mode) throws Exception {
        try (PseudoTerminal users = PseudoTerminal.open()) {
            assertThatThrownBy(() -> onTheHosts(mode, true).run(LIMIT))
                    .isInstanceOf(LaunchException.class).hasMessageContaining("EPROTO");
            assertThat(users.printed()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void P_11_without_the_control_a_terminal_of_the_host_is_the_containers(Mode mode) throws Exception {
        try (PseudoTerminal users = PseudoTerminal.open()) {
            String minor = onTheHosts(mode, false).run(LIMIT).stdout();
            assertThat(minor).startsWith("minor ").doesNotContain("minor 0");
            assertThat(users.printed()).isEmpty();
        }
    }

    private static ContainerBuilder typing(SeccompProfile profile) {
        return ContainerBuilder.create().terminal().seccomp(profile).command(Inner.command("""
                import fcntl, termios
                attempt('own', lambda: fcntl.ioctl(0, termios.TIOCSTI, b'q'))
                """));
    }

    @Test
    void S_16_what_a_container_types_into_its_terminal_reaches_nobody_else() throws Exception {
        try (PseudoTerminal users = PseudoTerminal.open()) {
            String refused = typing(SeccompProfile.standard()).run(LIMIT).stdout();
            assertThat(refused).contains("own\tEPERM");
            typing(SeccompProfile.unconfined()).run(LIMIT); // into its own, which it may do
            assertThat(users.printed()).isEmpty();
        }
    }

    @Test
    void S_16_without_the_control_keys_are_pressed_in_its_own_terminal() throws Exception {
        Path setting = Path.of("/proc/sys/dev/tty/legacy_tiocsti"); // since Linux 6.2; before it is allowed
        if (Files.exists(setting) && !Files.readString(setting).startsWith("1")) {
            return; // the kernel forbids it to everybody
        }
        assertThat(typing(SeccompProfile.unconfined()).run(LIMIT).stdout()).contains("own\tdone");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void T_01_endless_output_is_cut_and_a_line_without_end_comes_in_parts(Mode mode) throws Exception {
        int endless = Slow.repeats(300_000_000);
        int lines = Slow.repeats(100_000_000);
        AtomicLong bytes = new AtomicLong();
        AtomicInteger longest = new AtomicInteger();
        Result result = tiny(mode, "head -c " + endless + " /dev/zero | tr '\\0' x; yes | head -c " + lines)
                .captureLimit(MemorySize.mebibytes(1))
                .onStdoutLine(line -> {
                    bytes.addAndGet(line.length());
                    longest.accumulateAndGet(line.length(), Math::max);
                })
                .run(Slow.seconds(120));
        assertThat(result.status()).isEqualTo(new ExitStatus.Exited(0));
        assertThat(result.truncated()).isTrue();
        assertThat(result.stdoutBytes()).hasSize(1 << 20);
        assertThat(bytes.get()).isEqualTo(endless + lines / 2);
        assertThat(longest.get()).isEqualTo(LineSplitter.LONGEST);
    }

    private static long descriptors() throws Exception {
        try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
            return fds.count();
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void T_02_a_start_that_fails_leaves_no_terminal_and_no_thread(Mode mode) throws Exception {
        ContainerBuilder failing = tiny(mode, "").command("/no/such").terminal().onStdoutLine(line -> {});
        assertThatThrownBy(failing::start).isInstanceOf(LaunchException.class);
        long descriptors = descriptors();
        int threads = Thread.getAllStackTraces().size();
        for (int i = 0; i < 200; i++) {
            assertThatThrownBy(failing::start).isInstanceOf(LaunchException.class);
        }
        assertThat(descriptors()).isLessThan(descriptors + 20);
        assertThat(Thread.getAllStackTraces().size()).isLessThan(threads + 100);
    }

    @Test
    void T_02_a_terminal_that_nobody_reads_is_freed() throws Exception {
        long descriptors = descriptors();
        for (int i = 0; i < 50; i++) {
            try (Container container = tiny(Mode.here().getFirst(), "yes").terminal().start()) {
                container.resize(i + 1, 80);
            }
        }
        assertThat(descriptors()).isLessThan(descriptors + 20);
    }

    /// Only in a pid namespace that goes on does a process outlive the command.
    private ContainerBuilder outlived() {
        String script = "rm -f /tmp/away; setsid sh -c ': > /tmp/away; exec sleep 5' & while [ ! -e /tmp/away ]; do sleep 0.01; done; echo hi";
        return tiny(Mode.R, script).namespace(NamespaceKind.PID, NamespaceMode.host());
    }

    @Test
    @Tag("root")
    void T_04_who_keeps_the_output_open_holds_up_nobody() throws Exception {
        if (Mode.here().getFirst() != Mode.R) {
            return;
        }
        long start = System.nanoTime();
        List<String> lines = new java.util.concurrent.CopyOnWriteArrayList<>();
        try (Container container = outlived().onStdoutLine(lines::add).start()) {
            assertThat(container.waitFor()).isEqualTo(new ExitStatus.Exited(0));
        }
        assertThat(outlived().run(LIMIT).truncated()).isTrue();
        try (Container container = outlived().terminal().start()) {
            container.waitFor();
        }
        assertThat(outlived().terminal().run(LIMIT).status()).isEqualTo(new ExitStatus.Exited(0));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
        assertThat(lines).containsExactly("hi");
        Thread.sleep(5000); // they are nobody's, and end by themselves
    }

    @Test
    @Tag("root")
    void T_04_who_goes_on_printing_holds_up_nobody_however_long_a_consumer_takes() throws Exception {
        if (Mode.here().getFirst() != Mode.R) {
            return;
        }
        String script = "rm -f /tmp/away; setsid sh -c ': > /tmp/away; for i in $(seq 3000); do echo more || exit; sleep 0.01; done' &"
                + " while [ ! -e /tmp/away ]; do sleep 0.01; done; echo hi";
        long start = System.nanoTime();
        tiny(Mode.R, script).namespace(NamespaceKind.PID, NamespaceMode.host())
                .onStdoutLine(line -> java.util.concurrent.locks.LockSupport.parkNanos(30_000_000)).run(LIMIT);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void T_04_who_never_reads_its_input_holds_up_only_who_writes(Mode mode) throws Exception {
        try (Container container = tiny(mode, "exec sleep 1000").start();
                Container terminal = tiny(mode, "exec sleep 1000").terminal().start()) {
            for (Container each : List.of(container, terminal)) {
                Thread writer = Thread.startVirtualThread(() -> {
                    try {
                        each.process().getOutputStream().write(new byte[10_000_000]);
                    } catch (java.io.IOException e) {
                        // closed
                    }
                });
                Thread.sleep(200);
                assertThat(writer.isAlive()).isTrue();
                each.close();
                assertThat(writer.join(Duration.ofSeconds(30))).isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void T_05_no_container_sees_the_terminal_of_another_nor_of_the_host(Mode mode) throws Exception {
        List<String> before = ofTheHost();
        try (PseudoTerminal users = PseudoTerminal.open();
                Container first = tiny(mode, "exec sleep 1000").terminal().start()) {
            assertThat(first.terminalSize()).isEqualTo(TerminalSize.standard());
            List<String> now = new ArrayList<>(ofTheHost());
            now.removeAll(before);
            assertThat(now).containsExactly(users.file().getName());
            assertThat(output(tiny(mode, "ls /dev/pts; echo x > /dev/pts/0; echo x > /dev/pts/" + users.file().getName())))
                    .contains("ptmx\n").contains("can't create /dev/pts/0");
            String second = output(tiny(mode, "ls /dev/pts; echo mine > /dev/pts/0").terminal());
            assertThat(second).contains("mine\r\n").matches("(?s)0 +ptmx\r\nmine\r\n");
            assertThat(users.printed()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void T_05_without_the_control_the_hosts_terminals_are_seen(Mode mode) throws Exception {
        try (PseudoTerminal users = PseudoTerminal.open()) {
            assertThat(output(tiny(mode, "ls /dev/pts").bind(TERMINALS, "/dev/pts"))).contains(users.file().getName());
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void T_05_the_command_has_no_descriptor_of_the_master(Mode mode) throws Exception {
        assertThat(output(tiny(mode, "ls /proc/self/fd | tr '\\n' ' '; readlink /proc/self/fd/0; readlink /proc/self/fd/2").terminal()))
                .isEqualTo("0 1 2 3 /dev/pts/0\r\n/dev/pts/0\r\n");
    }
}
