// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.process.LaunchException;
import org.dolium.process.Rlimit;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.seccomp.SyscallTable;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.Slow;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Handlers of system calls, in real containers.
@Tag("kernel")
@Timeout(120)
@ExtendWith(LeakCheck.class)
class InterceptionTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final SyscallHandler PROCEED = InterceptedSyscall::proceed;

    @TempDir
    Path root;

    private final List<String> seen = Collections.synchronizedList(new ArrayList<>());

    @BeforeEach
    void make() throws IOException {
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
        TinyRoot.make(root);
    }

    private ContainerBuilder shell(String script) {
        return ContainerBuilder.create().rootfs(Rootfs.directory(root)).command("sh", "-c", script);
    }

    private SyscallHandler noting(int argument) {
        return call -> {
            seen.add(call.string(argument));
            return call.proceed();
        };
    }

    @Test
    void a_handler_reads_the_path_and_lets_the_call_go_on() throws Exception {
        Result result = shell("cat /etc/group").onSyscall("open", noting(0)).onSyscall("openat", noting(1)).run(LIMIT);
        assertThat(result.stderr()).isEmpty();
        assertThat(result.stdout()).contains("root:x:0");
        assertThat(seen).contains("/etc/group");
    }

    @Test
    void a_handler_makes_a_call_fail_or_gives_its_result() throws Exception {
        Result failed = shell("mkdir /tmp/x").onSyscall("mkdir", call -> call.fail(Errno.ENOSPC)).run(LIMIT);
        assertThat(failed.stderr()).contains("No space left on device");
        Result given = shell("id -u").onSyscall("getuid", call -> call.give(4711))
                .onSyscall("geteuid", call -> call.give(4711)).run(LIMIT);
        assertThat(given.stdout()).isEqualTo("4711\n");
    }

    @Test
    void a_call_tells_what_it_is_and_who_makes_it() throws Exception {
        Result result = shell("kill -0 $$; cat").input("x").onSyscall("kill", call -> {
            seen.add(call.name() + " " + call.number() + " " + call.argument(0) + " " + call.intArgument(1));
            seen.add(Files.readString(Path.of("/proc/" + call.pid() + "/comm")).trim());
            seen.add(call.isWaiting() + " " + call);
            return call.proceed();
        }).onSyscall("sendfile", call -> call.fail(Errno.EINVAL)).onSyscall("read", call -> {
            seen.add(call.file(0));
            return call.proceed();
        }).run(LIMIT);
        assertThat(result.stdout()).isEqualTo("x");
        int number = SyscallTable.of(org.dolium.kernel.Kernel.ARCH).number("kill");
        assertThat(seen).contains("kill " + number + " 1 0", "sh");
        assertThat(seen.get(2)).matches("true kill\\(0x1, 0x0, 0x[0-9a-f]+, .*\\) of process [1-9][0-9]*");
        assertThat(seen).anyMatch(file -> file.startsWith("pipe:["));
    }

    @Test
    void a_structure_is_read_and_a_wrong_pointer_is_an_error() throws Exception {
        List<Throwable> errors = Collections.synchronizedList(new ArrayList<>());
        SyscallHandler sleepless = call -> {
            int time = call.name().equals("nanosleep") ? 0 : 2;
            seen.add("sleep " + call.memory(time, 16).getLong() + " " + call.memory(time, 16).getLong(8));
            errors.add(catchThrowable(() -> call.memoryAt(4096, 8)));
            errors.add(catchThrowable(() -> call.memoryAt(-4096, 8)));
            errors.add(catchThrowable(() -> call.memory(time, 64 << 20)));
            errors.add(catchThrowable(() -> call.argument(6)));
            return call.give(0);
        };
        Result result = shell("sleep 1000").onSyscall("nanosleep", sleepless).onSyscall("clock_nanosleep", sleepless).run(LIMIT);
        assertThat(result.status().success()).isTrue();
        assertThat(seen).contains("sleep 1000 0");
        assertThat(errors.subList(0, 3)).allSatisfy(error -> assertThat(error)
                .isInstanceOfSatisfying(ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EFAULT)));
        assertThat(errors.get(3)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void children_of_the_command_are_heard_as_well() throws Exception {
        Result result = shell("mkdir /tmp/a; (mkdir /tmp/b; (sh -c 'mkdir /tmp/c')); ls /tmp").tmpfs("/tmp")
                .onSyscall("mkdir", noting(0)).run(LIMIT);
        assertThat(result.stdout()).isEqualTo("a\nb\nc\n");
        assertThat(seen).containsExactly("/tmp/a", "/tmp/b", "/tmp/c");
    }

    @Test
    void the_start_itself_is_not_heard() throws Exception {
        Result result = shell("/bin/true; exec /bin/echo end").onSyscall("execve", noting(0)).onSyscall("read", PROCEED)
                .onSyscall("sendmsg", PROCEED).onSyscall("exit_group", PROCEED).run(LIMIT);
        assertThat(result.stdout()).isEqualTo("end\n");
        assertThat(seen).containsExactly("/bin/true", "/bin/echo");
    }

    @Test
    void a_command_that_can_not_be_run_is_told_of_also_when_its_last_calls_are_heard() {
        ContainerBuilder builder = ContainerBuilder.create().rootfs(Rootfs.directory(root)).command("missing")
                .onSyscall("execve", noting(0)).onSyscall("exit_group", PROCEED).onSyscall("write", PROCEED);
        assertThatThrownBy(builder::start).isInstanceOf(LaunchException.class).hasMessageContaining("missing")
                .hasMessageContaining("ENOENT");
        assertThatThrownBy(() -> builder.run(LIMIT)).isInstanceOf(LaunchException.class);
        assertThat(seen).isEmpty();
    }

    @Test
    void every_call_at_once_is_heard() throws Exception {
        ContainerBuilder builder = shell("trap 'echo got' USR1; kill -USR1 $$; cat /etc/passwd | grep alice; ls /proc/self/fd >&2");
        SyscallTable table = SyscallTable.of(org.dolium.kernel.Kernel.ARCH);
        for (int number = 0; number <= table.last(); number++) {
            if (table.name(number) != null) {
                builder.onSyscall(table.name(number), call -> {
                    seen.add(call.name());
                    return call.proceed();
                });
            }
        }
        Result result = builder.run(LIMIT);
        assertThat(result.stdout()).startsWith("got\nalice:x:1000");
        assertThat(result.stderr()).isEqualTo("0\n1\n2\n3\n"); // the directory itself is 3
        assertThat(seen).contains("rt_sigreturn", "exit_group", "write", "execve", "brk", "wait4");
    }

    @Test
    void thousands_of_calls_come_in_their_order() throws Exception {
        AtomicInteger count = new AtomicInteger();
        Result result = shell("i=0; while [ $i -lt 3000 ]; do kill -0 $$; i=$((i+1)); done; echo $i").onSyscall("kill", call -> {
            count.incrementAndGet(); // never two at a time
            return call.give(0);
        }).run(LIMIT);
        assertThat(result.stdout()).isEqualTo("3000\n");
        assertThat(count).hasValue(3000);
    }

    @Test
    void handlers_run_on_threads_of_their_own_and_others_do_not_wait() throws Exception {
        AtomicReference<String> thread = new AtomicReference<>("");
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (Container slow = shell("mkdir /tmp/x; echo made").onSyscall("mkdir", call -> {
            thread.set(Thread.currentThread().getName() + " " + Thread.currentThread().isVirtual());
            entered.countDown();
            go.await();
            return call.give(0);
        }).start()) {
            entered.await();
            assertThat(shell("mkdir /tmp/x 2>&1").onSyscall("mkdir", call -> call.fail(Errno.EBUSY)).run(LIMIT).stdout())
                    .contains("busy");
            go.countDown();
            assertThat(slow.process().inputReader().readLine()).isEqualTo("made");
        }
        assertThat(thread.get()).isEqualTo("dolium-syscalls true");
    }

    @Test
    void a_handler_that_throws_makes_the_call_fail_and_the_run() {
        AssertionError error = new AssertionError("not this path");
        ContainerBuilder builder = shell("mkdir /tmp/x 2>/dev/null || echo failed >&2; mkdir /tmp/y; sleep 0.1")
                .onSyscall("mkdir", call -> {
                    throw error;
                });
        assertThatThrownBy(() -> builder.run(LIMIT)).isInstanceOf(IllegalStateException.class)
                .hasMessage("the handler of system call 'mkdir' failed, so the call did with EPERM").hasCause(error)
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
        ContainerBuilder silent = shell("mkdir /tmp/x").onSyscall("mkdir", call -> null);
        assertThatThrownBy(() -> silent.run(LIMIT)).hasRootCauseInstanceOf(NullPointerException.class);
    }

    @Test
    void a_started_container_tells_of_a_failed_handler_when_it_is_closed() throws Exception {
        Container container = shell("mkdir /tmp/x 2>&1").onSyscall("mkdir", call -> {
            throw new IOException("no");
        }).start();
        assertThat(container.process().inputReader().readLine()).contains("not permitted");
        container.waitFor();
        assertThatThrownBy(container::close).isInstanceOf(IllegalStateException.class).hasRootCauseMessage("no");
        container.close();
        assertThat(container.isAlive()).isFalse();
    }

    @Test
    void a_time_limit_counts_also_while_a_handler_thinks() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        long start = System.nanoTime();
        ContainerSpec spec = shell("mkdir /tmp/x").onSyscall("mkdir", call -> {
            asked.countDown();
            try {
                Thread.sleep(Duration.ofMinutes(2));
            } catch (InterruptedException e) {
                interrupted.countDown();
            }
            return call.proceed();
        }).build();
        for (long millis = 300; asked.getCount() > 0; millis *= 2) { // on a busy machine the start alone may take as long
            assertThat(spec.run(Duration.ofMillis(millis)).status()).isInstanceOf(ExitStatus.TimedOut.class);
        }
        interrupted.await();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(60));
    }

    @Test
    void a_call_is_gone_when_its_container_is() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        AtomicReference<Throwable> error = new AtomicReference<>();
        Container container = shell("mkdir /tmp/x").onSyscall("mkdir", call -> {
            entered.countDown();
            while (closed.getCount() > 0) {
                Thread.onSpinWait(); // deaf to interrupts
            }
            error.set(catchThrowable(() -> call.string(0)));
            throw new IllegalStateException("nobody hears this");
        }).start();
        entered.await();
        container.close();
        closed.countDown();
        while (error.get() == null) {
            Thread.sleep(1);
        }
        assertThat(error.get()).isInstanceOf(SyscallGoneException.class).hasMessageStartingWith("the call is gone: mkdir(0x");
    }

    @Test
    void a_handler_may_close_its_own_container() throws Exception {
        AtomicReference<Container> self = new AtomicReference<>();
        CountDownLatch known = new CountDownLatch(1);
        try (Container container = shell("mkdir /tmp/x").onSyscall("mkdir", call -> {
            known.await();
            self.get().close();
            return call.proceed();
        }).start()) {
            self.set(container);
            known.countDown();
            assertThat(container.waitFor()).isInstanceOf(ExitStatus.Signalled.class);
        }
    }

    @Test
    void a_process_that_outlives_the_command_is_heard_until_it_ends_too() throws Exception {
        Result result = shell("(sleep 0.2; mkdir /tmp/late) & mkdir /tmp/x").tmpfs("/tmp")
                .namespace(org.dolium.namespace.NamespaceKind.PID, org.dolium.namespace.NamespaceMode.host())
                .onSyscall("mkdir", noting(0)).run(LIMIT);
        assertThat(result.status().success()).isTrue();
        assertThat(seen).contains("/tmp/x");
    }

    @Test
    void one_specification_starts_many_containers_at_once() throws Exception {
        AtomicInteger count = new AtomicInteger();
        ContainerSpec spec = shell("kill -0 $$ && kill -0 $$ && echo fine").onSyscall("kill", call -> {
            count.incrementAndGet();
            return call.give(0);
        }).build();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    seen.add(spec.run(LIMIT).stdout());
                } catch (IOException | InterruptedException e) {
                    seen.add(e.toString());
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(seen).hasSize(20).containsOnly("fine\n");
        assertThat(count).hasValue(40);
    }

    @Test
    void a_container_without_a_profile_or_without_no_new_privileges_is_heard_too() throws Exception {
        for (SeccompProfile profile : List.of(SeccompProfile.unconfined(), SeccompProfile.strict(), SeccompProfile.standard())) {
            assertThat(shell("id -u").seccomp(profile).onSyscall("geteuid", call -> call.give(7)).run(LIMIT).stdout())
                    .as(profile.name()).isEqualTo("7\n");
        }
        Result early = shell("id -u; id -g").noNewPrivileges(false).onSyscall("geteuid", call -> call.give(7))
                .onSyscall("setresuid", call -> call.fail(Errno.EPERM)).onSyscall("prctl", call -> call.fail(Errno.EPERM))
                .onSyscall("getegid", call -> call.give(8)).onSyscall("read", PROCEED).run(LIMIT);
        assertThat(early.stdout()).isEqualTo("7\n8\n");
        assertThat(early.stderr()).isEmpty();
    }

    @Test
    void a_container_with_everything_else_is_heard_too() throws Exception {
        Files.createDirectories(root.resolve("srv"));
        ContainerBuilder builder = shell("mkdir /tmp/x; id -u; ulimit -n; hostname").onSyscall("mkdir", noting(0))
                .user("1000").hostname("box").rlimit(new Rlimit(Rlimit.Resource.NOFILE, 64, 64)).tmpfs("/tmp").tmpfs("/dev/shm")
                .landlock(org.dolium.confinement.Landlock.create().readOnly("/").execute("/").readWrite("/tmp", "/dev"),
                        org.dolium.cgroup.Requirement.PREFERRED)
                .sysctl("net.ipv4.ip_forward", "1").umask(077).workingDirectory("/srv")
                .failSyscall("rmdir", Errno.EIO).always().delaySyscall("mkdir", Duration.ofMillis(1)).always();
        assertThat(builder.run(LIMIT).stdout()).isEqualTo("1000\n64\nbox\n");
        assertThat(seen).containsExactly("/tmp/x");
    }

    @Test
    void too_few_descriptors_are_an_error_of_the_start() {
        ContainerBuilder builder = shell("true").rlimit(new Rlimit(Rlimit.Resource.NOFILE, 4, 4)).onSyscall("kill", PROCEED);
        assertThatThrownBy(() -> builder.run(LIMIT)).isInstanceOf(LaunchException.class)
                .hasMessageContaining("seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER")
                .hasMessageContaining("EMFILE");
    }

    @Test
    void wrong_wishes_are_told_before_anything_happens() {
        ContainerBuilder builder = shell("true").onSyscall("opne", PROCEED).onSyscall("kill", PROCEED).onSyscall("kill", PROCEED)
                .failSyscall("evil\n\u001b[2J", Errno.EIO).every(2)
                .onSyscall("mkdir", PROCEED).failSyscall("mkdir", Errno.EIO).always();
        assertThatThrownBy(builder::build).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("unknown system call 'opne' to intercept")
                .hasMessageContaining("unknown system call 'evil??[2J' to intercept")
                .hasMessageContaining("two handlers of system call 'kill': only one can decide")
                .hasMessageContaining("the handler of system call 'mkdir' would never be asked");
    }

    @Test
    void a_process_that_waits_for_its_handler_ends_with_the_jvm() throws Exception {
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(), "--enable-native-access=ALL-UNNAMED",
                        "-cp", System.getProperty("java.class.path"), WaitingCallMain.class.getName(), root.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        long pid = Long.parseLong(jvm.inputReader().readLine());
        ProcessHandle waiting = ProcessHandle.of(pid).orElseThrow();
        jvm.destroyForcibly().waitFor();
        long deadline = System.nanoTime() + Slow.seconds(10).toNanos();
        while (waiting.isAlive() && System.nanoTime() < deadline) {
            Thread.sleep(10);
        }
        assertThat(waiting.isAlive()).isFalse();
    }

    @Test
    void a_container_without_handlers_loads_no_class_of_them() throws Exception {
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(), "--enable-native-access=ALL-UNNAMED",
                        "-Xlog:class+load", "-cp", System.getProperty("java.class.path"), PlainContainerMain.class.getName())
                .redirectErrorStream(true).start();
        String output = new String(jvm.getInputStream().readAllBytes());
        assertThat(jvm.waitFor()).as(output).isZero();
        assertThat(output).contains("\nran\n", "org.dolium.seccomp.SeccompProfile", "org.dolium.container.ContainerBuilder");
        assertThat(output.lines()).noneMatch(line -> line.matches(
                ".*org\\.dolium\\.(supervisor\\.|.*(Superv|Intercept|Listener|SyscallAnswer|SyscallFault|SyscallHandler)).*"));
    }

    @Test
    void answers_that_can_not_be_are_refused() {
        assertThatThrownBy(() -> shell("true").stubSyscall("kill", -5)).hasMessageContaining("say so with an errno");
        assertThatThrownBy(() -> shell("true").failSyscall("kill", new Errno(0))).hasMessageContaining("no errno: 0");
        assertThatThrownBy(() -> shell("true").delaySyscall("kill", Duration.ofMillis(-1))).hasMessageContaining("can't be delayed");
        assertThatThrownBy(() -> shell("true").failSyscall("kill", Errno.EIO).every(0)).hasMessageContaining("is never");
    }
}
