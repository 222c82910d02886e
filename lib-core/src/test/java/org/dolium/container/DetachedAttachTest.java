// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dolium.container.TerminalTest.until;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Arg;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.ProcessStatus;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// Terminals and standard input of detached containers.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
@Timeout(300)
class DetachedAttachTest extends DetachedCases {
    private static final int CTRL_C = 3;
    private static final int CTRL_D = 4;
    private static final int CTRL_Z = 26;

    private static void type(Attachment attached, String text) throws IOException {
        attached.input().write(text.getBytes(StandardCharsets.UTF_8));
    }

    /// A shell at a terminal, whose prompt is `# `.
    private DetachedContainer shell() throws Exception {
        return containers.start(tiny("sh").env("PS1", "# ").terminal(new TerminalSize(50, 132)));
    }

    @Test
    void a_terminal_has_a_size_and_tells_of_another() throws Exception {
        DetachedContainer container = containers.start(
                script("busybox stty size; trap 'busybox stty size; exit 3' WINCH; echo ready; while :; do sleep 0.1; done")
                        .terminal(new TerminalSize(50, 132)));
        awaitLine(container, "ready");
        assertThat(container.logs().lines().getFirst().text()).isEqualTo("50 132");
        try (Attachment attached = Containers.at(containers.directory()).find(container.id()).orElseThrow().attach()) {
            assertThat(attached.hasTerminal()).isTrue();
            assertThat(attached.hasInput()).isTrue();
            assertThat(attached.terminalSize()).isEqualTo(new TerminalSize(50, 132));
            attached.resize(10, 20);
            assertThat(attached.terminalSize()).hasToString("10x20");
            until(attached.output(), "10 20");
            assertThat(container.waitFor()).isEqualTo(new ExitStatus.Exited(3));
            assertThat(attached.output().read()).isEqualTo(-1);
            assertThat(attached.error().read()).isEqualTo(-1);
        }
    }

    @Test
    void a_shell_at_a_terminal_has_job_control_and_outlives_who_is_attached() throws Exception {
        DetachedContainer container = shell();
        try (Attachment attached = container.attachSince(Instant.EPOCH)) {
            until(attached.output(), "# ");
            type(attached, "sh -c 'a=ing b=gan; trap \"echo go$a\" CONT; echo be$b; while :; do sleep 0.05; done'\r");
            until(attached.output(), "began");
            attached.input().write(CTRL_Z);
            until(attached.output(), "Stopped");
            type(attached, "fg\r");
            until(attached.output(), "going");
            attached.input().write(CTRL_C);
            until(attached.output(), "# ");
        }
        assertThat(container.state()).isEqualTo(DetachedState.RUNNING);
        try (Attachment attached = container.attach()) {
            type(attached, "echo status $?; PS1=rea''dy\r"); // before its prompt the terminal takes the key, and the shell sees a NUL
            assertThat(until(attached.output(), "ready")).as("only what came since").contains("status 130").doesNotContain("began");
            attached.input().write(CTRL_D);
            assertThat(container.waitFor()).isEqualTo(new ExitStatus.Exited(0));
        }
    }

    @Test
    void its_input_ends_when_one_who_is_attached_ends_it() throws Exception {
        DetachedContainer container = containers.start(script("echo ready >&2; cat; echo end; exit 4").openStdin());
        awaitLine(container, "ready");
        try (Attachment first = container.attach()) {
            assertThat(first.hasTerminal()).isFalse();
            assertThatThrownBy(() -> first.resize(1, 1)).isInstanceOf(IllegalStateException.class).hasMessageContaining("no terminal");
            type(first, "one\n");
            until(first.output(), "one\n");
        }
        try (Attachment second = container.attach(); Attachment third = container.attach()) {
            type(second, "two\n");
            until(second.output(), "two\n");
            until(third.output(), "two\n");
            second.input().close();
            second.input().close();
            assertThat(container.waitFor(Duration.ofMillis(100))).as("the other has it, too").isEmpty();
            type(third, "three\n");
            until(third.output(), "three\n");
            third.input().close();
            until(third.output(), "end\n");
            assertThat(container.waitFor()).isEqualTo(new ExitStatus.Exited(4));
        }
        try (Attachment late = container.attach()) {
            assertThat(late.hasInput()).isFalse();
            assertThat(late.output().read()).isEqualTo(-1);
        }
    }

    @Test
    void who_was_attached_to_a_run_has_nothing_to_do_with_the_next_one() throws Exception {
        DetachedContainer container = containers.start(script("echo first; read line; echo $line").openStdin());
        try (Attachment old = container.attachSince(Instant.EPOCH);
                LogReader follower = container.logs().follow().open()) {
            type(old, "end\n");
            assertThat(container.waitFor(LONG)).contains(new ExitStatus.Exited(0));
            container.start(script("echo second; cat; echo third").openStdin());
            awaitLine(container, "second");
            old.input().close();
            assertThat(old.output().readAllBytes()).asString(StandardCharsets.UTF_8).isEqualTo("first\nend\n");
            assertThat(follower.next().text()).isEqualTo("first");
            assertThat(follower.next().text()).isEqualTo("end");
            assertThat(follower.next()).isNull();
            try (Attachment attached = container.attach()) {
                assertThat(attached.hasInput()).as("nobody has ended it").isTrue();
                type(attached, "typed\n");
                until(attached.output(), "typed\n");
                attached.input().close();
                until(attached.output(), "third\n");
            }
        }
    }

    @Test
    void large_input_comes_whole_and_both_streams_are_told_apart() throws Exception {
        DetachedContainer container = containers.start(script("sha256sum | cut -c 1-64; echo error >&2").openStdin());
        byte[] bytes = new byte[3_000_000];
        Arrays.fill(bytes, (byte) 'x');
        try (Attachment attached = container.attach()) {
            attached.input().write(bytes);
            attached.input().close();
            String sum = java.util.HexFormat.of().formatHex(java.security.MessageDigest.getInstance("SHA-256").digest(bytes));
            assertThat(new String(attached.output().readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(sum + "\n");
            assertThat(new String(attached.error().readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("error\n");
        }
    }

    @Test
    void without_a_wish_for_it_there_is_no_input() throws Exception {
        DetachedContainer container = containers.start(script("cat; echo ready; sleep 1000"));
        awaitLine(container, "ready");
        try (Attachment attached = container.attach()) {
            assertThat(attached.hasInput()).isFalse();
            type(attached, "dropped");
            attached.input().close();
        }
        assertThatThrownBy(() -> containers.start(script("cat").openStdin().terminal())).hasMessageContaining("can't be kept open");
    }

    @Test
    void a_reader_that_waits_is_let_go_when_the_attachment_is_closed() throws Exception {
        DetachedContainer container = shell();
        Attachment attached = container.attach();
        CompletableFuture<Integer> reader = CompletableFuture.supplyAsync(() -> {
            try {
                byte[] buffer = new byte[4096];
                while (true) {
                    if (attached.output().read(buffer) < 0) {
                        return -1;
                    }
                }
            } catch (IOException e) {
                return 1;
            }
        });
        attached.close();
        assertThat(reader.get(LONG.toSeconds(), TimeUnit.SECONDS)).isEqualTo(1);
        assertThatThrownBy(() -> type(attached, "x")).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> attached.resize(1, 1)).isInstanceOf(IllegalStateException.class);
        assertThat(container.state()).isEqualTo(DetachedState.RUNNING);
    }

    /// The other one is killed while it types and reads.
    @Test
    void a_jvm_that_is_killed_while_it_is_attached_changes_nothing() throws Exception {
        DetachedContainer container = shell();
        try (Attachment attached = container.attach()) {
            Process other = jvm("attach", container.id(), "echo o''ther\r");
            try (BufferedReader output = other.inputReader()) {
                until(attached.output(), "\nother");
                other.destroyForcibly().waitFor();
            }
            type(attached, "echo st''ill\r");
            until(attached.output(), "still");
        }
        assertThat(container.state()).isEqualTo(DetachedState.RUNNING);
    }

    @Test
    void it_has_a_terminal_when_it_is_started_again() throws Exception {
        DetachedContainer container = shell();
        for (int i = 0; i < 2; i++) {
            try (Attachment attached = container.attach()) {
                type(attached, "exit 9\r");
                assertThat(container.waitFor()).isEqualTo(new ExitStatus.Exited(9));
            }
            container.start(tiny("sh").env("PS1", "# ").terminal());
        }
    }

    /// Attached from the beginning on nothing is missed, also when much is printed at once.
    @Test
    void all_that_is_printed_is_read_while_the_log_is_continued() throws Exception {
        Instant before = Instant.now();
        DetachedContainer container = containers.start(script("seq 1 40000").terminal(),
                DetachedOptions.standard().log(MemorySize.kibibytes(64), 20));
        try (Attachment attached = container.attachSince(before)) {
            String all = new String(attached.output().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(all.lines().filter(line -> !line.isEmpty()).count()).isEqualTo(40_000);
            assertThat(all).startsWith("1\r\n2\r\n").endsWith("40000\r\n");
        }
    }

    @Test
    void T_05_the_command_has_no_descriptor_of_who_types() throws Exception {
        DetachedContainer pipe = containers.start(script("exec ls /proc/self/fd").openStdin());
        DetachedContainer terminal = containers.start(script("exec ls -1 /proc/self/fd").terminal());
        pipe.waitFor();
        terminal.waitFor();
        assertThat(pipe.logs().lines()).extracting(LogLine::text).containsExactly("0", "1", "2", "3");
        assertThat(terminal.logs().lines()).extracting(LogLine::text).containsExactly("0", "1", "2", "3");
    }

    private Path socket(DetachedContainer container) {
        return containers.directory().resolve("containers").resolve(container.id()).resolve("attach");
    }

    @Test
    void nobody_else_can_ask_for_the_input() throws Exception {
        DetachedContainer container = shell();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket(container)))).isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket(container).getParent()))).isEqualTo("rwx------");
    }

    private static long descriptors(long pid) throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return files.count();
        }
    }

    /// Some never read the answer, one has no room for it, some have closed their end, some send no descriptor, two, or one that is no
    /// socket.
    @Test
    void T_02_who_asks_and_never_reads_holds_up_nobody_and_leaves_nothing() throws Exception {
        DetachedContainer container = shell();
        boolean root = ProcessStatus.self().effectiveUid() == 0; // others may not look
        long monitor = container.monitorPid().orElseThrow();
        List<Fd> open = new ArrayList<>();
        try (Attachment attached = container.attach();
                Fd asker = new Fd((int) Kernel.perform(Syscall.of(Sys.SOCKET, Arg.num(1), Arg.num(2 | 0x80000), Arg.num(0))))) {
            long before = root ? descriptors(monitor) : 0;
            String path = socket(container).toString();
            try (Fd folder = Fd.open(socket(container).getParent().toString(), 0, 0)) {
                path = "/proc/self/fd/" + folder.number() + "/attach";
                byte[] address = ("\1\0" + path + "\0").getBytes(StandardCharsets.US_ASCII);
                Kernel.perform(Syscall.of(Sys.CONNECT, Arg.num(asker.number()), new Arg.Bytes(address, "{}"), Arg.num(address.length)));
            }
            Fd[] full = Fd.socketPair();
            open.addAll(List.of(full));
            fill(full[1]);
            Kernel.perform(Syscall.of(
                    Sys.SENDMSG, Arg.num(asker.number()), Arg.Message.withDescriptor(new byte[] {'A'}, full[1].number()), Arg.num(0x4000)));
            for (int i = 0; i < 2000; i++) {
                Fd[] pair = Fd.socketPair();
                boolean keeps = i % 10 == 0;
                Arg.Message message = switch (i % 5) {
                    case 0, 1 -> Arg.Message.withDescriptor(new byte[] {'A'}, pair[1].number());
                    case 2 -> new Arg.Message(new byte[] {'T', 'T', 'T', 'T', 'T', 'T', 'T', 'T', 'T', 'T'}, new byte[0], "{}");
                    case 3 -> Arg.Message.withDescriptor(new byte[] {'T'}, 0);
                    default -> two(pair[0].number(), pair[1].number());
                };
                Kernel.perform(Syscall.of(Sys.SENDMSG, Arg.num(asker.number()), message, Arg.num(0x4000))); // waits while the queue is full
                pair[1].close();
                if (keeps) {
                    open.add(pair[0]);
                } else {
                    pair[0].close();
                }
                if (i % 100 == 0) {
                    type(attached, "echo line''" + i + "\r");
                    until(attached.output(), "line" + i);
                }
            }
            type(attached, "echo la''st\r");
            until(attached.output(), "last");
            if (root) {
                await("its descriptors are those that it had", () -> descriptors(monitor) == before);
            }
        } catch (ErrnoException e) {
            throw new AssertionError(e);
        } finally {
            open.forEach(Fd::close);
        }
        try (Attachment again = container.attach()) {
            assertThat(again.hasTerminal()).as("a terminal is never taken away").isTrue();
        }
    }

    private static void fill(Fd socket) {
        long sent = 0;
        while (!Kernel.failed(sent)) {
            try (Arena arena = Arena.ofConfined()) {
                sent = Kernel.call(Sys.SENDTO, socket.number(), Memory.allocate(arena, 4096).address(), 4096, 0x40); // MSG_DONTWAIT
            }
        }
    }

    private static Arg.Message two(int first, int second) {
        byte[] control = new byte[24];
        control[0] = 24;
        control[8] = 1; // SOL_SOCKET
        control[12] = 1; // SCM_RIGHTS
        control[16] = (byte) first;
        control[17] = (byte) (first >> 8);
        control[20] = (byte) second;
        control[21] = (byte) (second >> 8);
        return new Arg.Message(new byte[] {'A'}, control, "{}");
    }

    /// Waits for nothing that it causes itself.
    @Test
    void who_follows_a_silent_container_sleeps() throws Exception {
        DetachedContainer container = containers.start(script("echo ready; sleep 1000"));
        awaitLine(container, "ready");
        try (Attachment attached = container.attach()) {
            CountDownLatch rest = new CountDownLatch(1);
            long[] used = new long[1];
            Thread reader = new Thread(() -> {
                rest.countDown();
                try {
                    attached.output().read();
                } catch (IOException e) {
                    used[0] = ownNanos();
                }
            });
            reader.start();
            rest.await();
            Thread.sleep(2000);
            attached.close();
            reader.join(LONG.toMillis());
            assertThat(used[0]).as("CPU time of two seconds").isBetween(1L, 1_000_000_000L);
        }
    }

    /// The CPU time of this thread.
    private static long ownNanos() {
        try {
            return Long.parseLong(Files.readString(Path.of("/proc/thread-self/schedstat")).split(" ")[0]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void a_monitor_that_is_stopped_is_told_of() throws Exception {
        DetachedContainer container = shell();
        long monitor = container.monitorPid().orElseThrow();
        Kernel.call(Sys.KILL, monitor, 19, 0, 0); // SIGSTOP
        try {
            assertThatThrownBy(container::attach).isInstanceOf(IOException.class).hasMessageContaining("did not answer");
        } finally {
            Kernel.call(Sys.KILL, monitor, 18, 0, 0);
        }
        container.attach().close();
    }
}
