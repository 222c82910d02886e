// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.dolium.capability.Capability;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.Step;
import org.dolium.process.LaunchException;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.PseudoTerminal;
import org.dolium.testing.Slow;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows T and X of the security matrix that are about terminals of further commands.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class ExecTerminalSecurityTest extends SecurityRows {
    private static final int EXECS = 5000;

    /// How the container is met by those who run something in it.
    Opened open(ContainerBuilder builder) throws Exception {
        return Opened.attached(builder);
    }

    int execs() {
        return EXECS;
    }

    private static long descriptors() throws Exception {
        try (Stream<Path> fds = Files.list(Path.of("/proc/self/fd"))) {
            return fds.count();
        }
    }

    /// CVE-2022-23471, CVE-2025-64329: those that are not there, and those that are resized until they have ended.
    @ParameterizedTest
    @MethodSource("modes")
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void T_02_thousands_of_failing_commands_leave_no_terminal_and_no_thread(Mode mode) throws Exception {
        int times = Slow.repeats(execs());
        try (Opened container = open(tiny(mode, "exec sleep 1000"))) {
            ExecBuilder missing = container.exec("/no/such").terminal();
            ExecBuilder failing = container.exec("false").terminal();
            assertThatThrownBy(missing::start).isInstanceOf(LaunchException.class);
            long descriptors = descriptors();
            int threads = Thread.getAllStackTraces().size();
            for (int i = 0; i < times; i++) {
                if (i % 2 == 0) {
                    assertThatThrownBy(missing::start).isInstanceOf(LaunchException.class);
                    continue;
                }
                try (Execution execution = failing.start()) {
                    execution.resize(i % 100 + 1, 80);
                    assertThat(execution.waitFor(LIMIT)).contains(new ExitStatus.Exited(1));
                }
            }
            assertThat(descriptors()).isLessThan(descriptors + 20);
            assertThat(Thread.getAllStackTraces().size()).isLessThan(threads + 100);
            assertThat(container.exec("ls", "/dev/pts").run(LIMIT).stdout()).isEqualTo("ptmx\n");
        }
    }

    private ContainerBuilder changing(Mode mode, String script) {
        return tiny(mode, script + "; echo ready; exec sleep 1000")
                .addCapabilities(Capability.SYS_ADMIN).seccomp(SeccompProfile.unconfined()).user("0:0");
    }

    /// What the container has put where terminals are made. Nothing is opened there that is none, so no fifo is waited for.
    @ParameterizedTest
    @MethodSource("modes")
    void X_02_a_dev_pts_that_the_container_exchanged_is_not_used(Mode mode) throws Exception {
        List<String> attacks = List.of(
                "mount -t tmpfs none /dev/pts && mkfifo /dev/pts/ptmx",
                "mount -t tmpfs none /dev/pts && ln -s /dev/tty /dev/pts/ptmx",
                "mount -t tmpfs none /dev && ln -s /tmp /dev/pts && mkfifo /tmp/ptmx",
                "mkfifo /tmp/fifo && mount --bind /tmp/fifo /dev/pts/ptmx",
                "mount --bind /dev/null /dev/pts/ptmx",
                "umount /dev/pts");
        try (PseudoTerminal users = PseudoTerminal.open()) {
            for (String attack : attacks) {
                try (Opened container = open(changing(mode, attack))) {
                    assertThat(container.readLine()).as(attack).isEqualTo("ready");
                    assertThatThrownBy(() -> container.exec("true").terminal().run(LIMIT)).as(attack)
                            .isInstanceOf(LaunchException.class).hasMessageMatching("(?s).*(openat2|fstatfs|expect).*");
                    assertThat(container.exec("echo", "fine").run(LIMIT).stdout()).isEqualTo("fine\n");
                }
            }
            assertThat(users.printed()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void X_02_without_the_controls_what_the_container_put_there_is_opened(Mode mode) throws Exception {
        try (Opened container = open(changing(mode, "mount --bind /dev/null /dev/pts/ptmx"))) {
            assertThat(container.readLine()).isEqualTo("ready");
            ExecBuilder weak = ExecVariant.of(
                    container.exec("true").terminal(), "openat2\\(.*\"ptmx\".*", step -> new Step.Call(Syscall.of(
                            Sys.OPENAT, Arg.AT_FDCWD, Arg.str("/dev/pts/ptmx"), Arg.flags(0x80102, "O_RDWR|O_NOCTTY|O_CLOEXEC"))));
            assertThatThrownBy(() -> weak.run(LIMIT)).hasMessageMatching("(?s).*(has device number 5:2|ioctl).*"); // it was opened
        }
    }

    /// Who is born into the container has no master, which could type for whoever else is on the terminal.
    @ParameterizedTest
    @MethodSource("modes")
    void X_01_the_command_has_no_descriptor_of_the_master(Mode mode) throws Exception {
        try (Opened container = open(tiny(mode, "exec sleep 1000"))) {
            String script = "for i in 0 1 2; do readlink /proc/self/fd/$i; done; ls /proc/self/fd | tr '\\n' ' '";
            assertThat(container.exec("sh", "-c", script).terminal().run(LIMIT).stdout())
                    .isEqualTo("/dev/pts/0\r\n/dev/pts/0\r\n/dev/pts/0\r\n0 1 2 3 ");
        }
    }

    @ParameterizedTest
    @MethodSource("modes")
    void T_05_the_terminals_of_the_host_stay_as_they_are(Mode mode) throws Exception {
        try (PseudoTerminal users = PseudoTerminal.open();
                Opened container = open(tiny(mode, "exec sleep 1000"));
                Execution execution = container.exec("sleep", "1000").terminal().start()) {
            String seen = container.exec("sh", "-c", "ls /dev/pts; echo x > /dev/pts/" + users.file().getName()).run(LIMIT).stdout();
            assertThat(seen).isEqualTo("0\nptmx\n");
            assertThat(users.printed()).isEmpty();
            assertThat(execution.isAlive()).isTrue();
        }
    }
}
