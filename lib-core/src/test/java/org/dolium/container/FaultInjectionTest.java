// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.dolium.linux.Errno;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.Slow;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Faults in system calls, in real containers.
@Tag("kernel")
@Timeout(120)
@ExtendWith(LeakCheck.class)
class FaultInjectionTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    /// Tries kill(2) twelve times: `y` where it worked.
    private static final String TRY = "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do kill -0 $$ 2>/dev/null && printf y || printf n; done";

    @TempDir
    Path root;

    @BeforeEach
    void make() throws IOException {
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
        TinyRoot.make(root);
    }

    private ContainerBuilder shell(String script) {
        return ContainerBuilder.create().rootfs(Rootfs.directory(root)).command("sh", "-c", script);
    }

    static Stream<Arguments> selections() {
        return Stream.of(
                selection("nnnnnnnnnnnn", SyscallFault::always),
                selection("nyyyyyyyyyyy", SyscallFault::once),
                selection("nnnyyyyyyyyy", fault -> fault.first(3)),
                selection("yyyynyyyyyyy", fault -> fault.nth(5)),
                selection("yyyyyyyyyynn", fault -> fault.after(10)),
                selection("yyyynyyyynyy", fault -> fault.every(5)),
                selection("nnnnnnnnnnnn", fault -> fault.every(1)),
                selection("yyyyyyyyyyyy", fault -> fault.every(13)),
                selection("ynyynyynyyyy", fault -> fault.when(2, 9, 3)),
                selection("yyyyyyynnnyy", fault -> fault.when(8, 10, 1)));
    }

    private static Arguments selection(String expected, Function<SyscallFault, ContainerBuilder> selector) {
        return Arguments.of(expected, selector);
    }

    @ParameterizedTest
    @MethodSource("selections")
    void a_fault_happens_when_it_is_its_turn(String expected, Function<SyscallFault, ContainerBuilder> selector) throws Exception {
        ContainerBuilder builder = selector.apply(shell(TRY).failSyscall("kill", Errno.EIO));
        assertThat(builder.run(LIMIT).stdout()).isEqualTo(expected);
    }

    @Test
    void a_fault_at_each_call_is_the_filter_s_own_and_nobody_is_asked() throws Exception {
        ContainerBuilder builder = shell("mkdir /tmp/x 2>&1; rmdir /tmp 2>&1").failSyscall("mkdir", Errno.EDQUOT).always()
                .failSyscall("rmdir", Errno.ELOOP).after(0);
        assertThat(builder.explain()).contains("SECCOMP_SET_MODE_FILTER, 0,").doesNotContain("LISTENER");
        Result result = builder.run(LIMIT);
        assertThat(result.stdout()).contains("mkdir: can't create directory '/tmp/x': ").contains("quota");
        ContainerBuilder forgotten = shell(TRY);
        forgotten.failSyscall("kill", Errno.EIO);
        assertThat(forgotten.run(LIMIT).stdout()).as("without further words").isEqualTo("nnnnnnnnnnnn");
        assertThat(shell(TRY).stubSyscall("kill", 0).always().explain()).doesNotContain("LISTENER");
    }

    @Test
    void each_start_of_a_specification_counts_anew_and_later_wishes_change_nothing() throws Exception {
        ContainerBuilder builder = shell(TRY).failSyscall("kill", Errno.EIO).every(5);
        ContainerSpec spec = builder.build();
        builder.failSyscall("kill", Errno.EIO).first(4);
        assertThat(spec.run(LIMIT).stdout()).isEqualTo("yyyynyyyynyy");
        assertThat(spec.run(LIMIT).stdout()).isEqualTo("yyyynyyyynyy");
        assertThat(builder.run(LIMIT).stdout()).isEqualTo("nnnnnyyyynyy");
    }

    @Test
    void faults_and_a_handler_of_one_call_take_turns() throws Exception {
        List<String> asked = Collections.synchronizedList(new ArrayList<>());
        Result result = shell(TRY).failSyscall("kill", Errno.EIO).first(2).stubSyscall("kill", 0).nth(4)
                .onSyscall("kill", call -> {
                    asked.add(call.name());
                    return asked.size() == 3 ? call.fail(Errno.ESRCH) : call.proceed();
                }).run(LIMIT);
        assertThat(result.stdout()).isEqualTo("nnyyynyyyyyy");
        assertThat(asked).hasSize(9);
    }

    @Test
    void a_condition_says_which_calls_are_meant_and_only_these_count() throws Exception {
        String script = "for i in 1 2 3 4; do for d in a b; do mkdir /tmp/$d$i 2>/dev/null && printf y || printf n; done; done";
        Result result = shell(script).failSyscall("mkdir", Errno.ENOSPC).where(call -> call.string(0).startsWith("/tmp/b")).every(2).run(LIMIT);
        assertThat(result.stdout()).isEqualTo("yyynyyyn");
    }

    @Test
    void a_condition_may_be_about_the_file_of_a_descriptor() throws Exception {
        Result result = shell("for f in a b a b; do echo $f > /tmp/$f; done 2>/dev/null; cat /tmp/a /tmp/b").tmpfs("/tmp")
                .failSyscall("write", Errno.ENOSPC).where(call -> call.file(0).equals("/tmp/a")).always().run(LIMIT);
        assertThat(result.stdout()).isEqualTo("b\n");
    }

    @Test
    void a_condition_that_throws_makes_the_call_fail_and_the_run() {
        ContainerBuilder builder = shell("mkdir /tmp/x 2>&1; true").failSyscall("mkdir", Errno.EIO).where(call -> {
            throw new IllegalArgumentException("odd");
        }).every(2);
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> builder.run(LIMIT)).isInstanceOf(IllegalStateException.class)
                .hasRootCauseMessage("odd");
    }

    @Test
    void a_delayed_call_waits_for_itself_alone() throws Exception {
        long start = System.nanoTime();
        // one after the other it would be 30 s
        Result result = shell("for i in $(seq 10 39); do mkdir /tmp/$i & done; wait; ls /tmp | wc -l").tmpfs("/tmp")
                .delaySyscall("mkdir", Duration.ofSeconds(1)).always().run(Slow.seconds(60));
        Duration time = Duration.ofNanos(System.nanoTime() - start);
        assertThat(result.stdout()).isEqualTo("30\n");
        assertThat(time).isBetween(Duration.ofSeconds(1), Slow.seconds(20));
    }

    @Test
    void delays_add_up_and_the_call_is_made_afterwards() throws Exception {
        long start = System.nanoTime();
        Result result = shell("mkdir /tmp/x && ls /tmp").tmpfs("/tmp").delaySyscall("mkdir", Duration.ofMillis(200)).always()
                .delaySyscall("mkdir", Duration.ofMillis(200)).nth(1).run(LIMIT);
        assertThat(result.stdout()).isEqualTo("x\n");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(400));
    }

    @Test
    void a_container_that_ends_does_not_wait_for_its_delays() throws Exception {
        long start = System.nanoTime();
        Result result = shell("mkdir /tmp/x").delaySyscall("mkdir", Duration.ofHours(1)).always().run(Duration.ofMillis(200));
        assertThat(result.status()).isInstanceOf(ExitStatus.TimedOut.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void also_an_exec_fails_but_not_that_of_the_command() throws Exception {
        assertThat(shell("/bin/true || echo failed; /bin/echo end").failSyscall("execve", Errno.EIO).always().run(LIMIT).stdout())
                .isEqualTo("failed\n");
    }
}
