// SPDX-License-Identifier: Apache-2.0
package org.dolium.elf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.dolium.linux.Arch;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.PlanBuilder;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Runs harmless plans. The status descriptor is standard output, so that the records come out there.
class ElfImageRunTest {
    private static final Errno EPROTO = new Errno(71);
    private static final Arg.Num STDOUT = Arg.num(1);

    private final PlanBuilder plan = new PlanBuilder();

    @ParameterizedTest
    @EnumSource
    void an_empty_plan_succeeds(Arch arch) throws IOException {
        succeeds(arch, "");
    }

    @ParameterizedTest
    @EnumSource
    void steps_happen_in_order(Arch arch) throws IOException {
        say("one ");
        say("two ");
        say("one ");
        succeeds(arch, "one two one ");
    }

    @ParameterizedTest
    @EnumSource
    void a_failure_names_its_step_and_errno(Arch arch) throws IOException {
        say("x");
        plan.add(Sys.CLOSE, Arg.num(-1));
        say("never");
        fails(arch, "x", 1, Errno.EBADF);
    }

    @ParameterizedTest
    @EnumSource
    void another_errno_than_the_tolerated_ones_fails(Arch arch) throws IOException {
        plan.addTolerant(Syscall.of(Sys.CLOSE, Arg.num(-1)), Errno.ENOENT, Errno.EPERM);
        fails(arch, "", 0, Errno.EBADF);
    }

    @ParameterizedTest
    @EnumSource
    void steps_that_use_an_absent_result_are_skipped(Arch arch) throws IOException {
        Arg.Result absent = plan.addTolerant(open("/nonexistent/x"), Errno.EACCES, Errno.ENOTDIR, Errno.ENOENT);
        Arg.Result copy = plan.add(Sys.FCNTL, absent, Arg.num(1030), Arg.num(9));
        plan.add(Sys.CLOSE, copy);
        plan.addExact(Syscall.of(Sys.WRITE, STDOUT, Arg.str("no"), Arg.num(2), absent), 77);
        Arg.Result read = plan.add(Sys.READ, copy, new Arg.Buffer(16, new byte[0], "area"), Arg.num(16));
        plan.expect(read, 1, 0, -1, 12345, "nothing");
        say("done");
        succeeds(arch, "done");
    }

    @ParameterizedTest
    @EnumSource
    void results_feed_later_steps(Arch arch) throws IOException {
        Arg.Result file = plan.addTolerant(open("/dev/zero"), Errno.ENOENT);
        Arg.Result other = plan.add(Sys.FCNTL, file, Arg.num(1030), Arg.num(100));
        plan.addExact(Syscall.of(Sys.FCNTL, file, Arg.num(1030), Arg.num(200)), 200);
        plan.addExact(Syscall.of(Sys.CLOSE, other), 0);
        plan.add(Sys.CLOSE, Arg.num(100));
        fails(arch, "", 4, Errno.EBADF);
    }

    @ParameterizedTest
    @EnumSource
    void a_noted_failure_is_reported_and_the_plan_goes_on(Arch arch) throws IOException {
        Arg.Result absent = plan.addNoted(open("/nonexistent"), Errno.EPERM, Errno.ENOENT);
        plan.add(Sys.CLOSE, absent);
        plan.addNoted(Syscall.of(Sys.CLOSE, Arg.num(-1)), Errno.EBADF);
        plan.addNoted(Syscall.of(Sys.GETPID), Errno.EPERM);
        say("end");
        succeeds(arch, record(0x80000000, Errno.ENOENT) + record(0x80000002, Errno.EBADF) + "end");
    }

    @ParameterizedTest
    @EnumSource
    void an_unexpected_result_is_a_protocol_error(Arch arch) throws IOException {
        plan.addExact(Syscall.of(Sys.WRITE, STDOUT, Arg.str("abc"), Arg.num(3)), 3);
        plan.addExact(Syscall.of(Sys.WRITE, STDOUT, Arg.str("abc"), Arg.num(3)), 1L << 40);
        fails(arch, "abcabc", 1, EPROTO);
    }

    @ParameterizedTest
    @EnumSource
    void an_exact_call_that_fails_reports_its_errno(Arch arch) throws IOException {
        plan.addExact(Syscall.of(Sys.CLOSE, Arg.num(-1)), 0);
        fails(arch, "", 0, Errno.EBADF);
    }

    @ParameterizedTest
    @EnumSource
    void expectations_see_what_the_kernel_wrote(Arch arch) throws IOException {
        byte[] initial = new byte[40];
        Arrays.fill(initial, (byte) 0x5a);
        Arg.Result zero = plan.add(open("/dev/zero"));
        Arg.Result read = plan.add(Sys.READ, zero, new Arg.Buffer(48, initial, "area"), Arg.num(17));
        plan.expect(read, 1, 0, -1, 0, "zeros");
        plan.expect(read, 1, 16, 0xffff, 0x5a00, "border");
        plan.expect(read, 1, 13, -1, 0x5a5a5a5a00000000L, "unaligned");
        plan.expect(read, 1, 32, -1, 0x5a5a5a5a5a5a5a5aL, "initial");
        plan.expect(read, 1, 40, -1, 0, "rest");
        say("same");
        plan.expect(read, 1, 16, -1, 0, "wrong");
        fails(arch, "same", 8, EPROTO);
    }

    @ParameterizedTest
    @EnumSource
    void every_buffer_has_an_area_of_its_own(Arch arch) throws IOException {
        byte[] text = "0123456789".getBytes(StandardCharsets.UTF_8);
        Arg.Result pair = plan.add(Sys.GETRESUID, area(4), area(4), area(4));
        Arg.Result write = plan.add(Sys.WRITE, STDOUT, new Arg.Buffer(20, text, "text"), Arg.num(12));
        plan.add(Sys.WRITE, STDOUT, new Arg.Buffer(1, new byte[0], "zero"), Arg.num(1));
        plan.expect(write, 1, 0, 0xff, '0', "kept");
        plan.add(Sys.CLOSE, pair); // 0
        succeeds(arch, "0123456789\0\0\0");
    }

    @ParameterizedTest
    @EnumSource
    void big_buffers_fit_on_the_stack(Arch arch) throws IOException {
        byte[] text = new byte[100_000];
        Arrays.fill(text, (byte) 'x');
        plan.add(Sys.WRITE, STDOUT, new Arg.Buffer(3 << 20, text, "big"), Arg.num(200_000));
        Arg.Result zero = plan.add(open("/dev/zero"));
        Arg.Result read = plan.addExact(
                Syscall.of(Sys.READ, zero, new Arg.Buffer(1000_000, text, "big"), Arg.num(1000_000)), 1000_000);
        plan.expect(read, 1, 999_992, -1, 0, "last");
        plan.expect(read, 1, 40_001, -1, 0, "middle");
        succeeds(arch, "x".repeat(100_000) + "\0".repeat(100_000));
    }

    @ParameterizedTest
    @EnumSource
    void five_thousand_strings_reach_the_command(Arch arch) throws IOException {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/echo")) || Boolean.getBoolean("dolium.mustRun"));
        List<byte[]> arguments = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        arguments.add("echo".getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < 5000; i++) {
            String argument = "argument-" + i % 3000;
            arguments.add(argument.getBytes(StandardCharsets.UTF_8));
            text.append(i == 0 ? "" : " ").append(argument);
        }
        plan.add(Sys.EXECVE, Arg.str("/bin/echo"), Arg.strings(arguments), Arg.strings(List.of()));
        succeeds(arch, text.append('\n').toString());
    }

    @ParameterizedTest
    @EnumSource
    void the_environment_reaches_the_command(Arch arch) throws IOException {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/env")) || Boolean.getBoolean("dolium.mustRun"));
        List<byte[]> environment =
                List.of("A=1".getBytes(StandardCharsets.UTF_8), "B=".getBytes(StandardCharsets.UTF_8));
        plan.add(Sys.EXECVE, Arg.str("/usr/bin/env"), Arg.strings(List.of(new byte[] {'e'})), Arg.strings(environment));
        succeeds(arch, "A=1\nB=\n");
    }

    @ParameterizedTest
    @EnumSource
    void three_thousand_steps_share_one_frame(Arch arch) throws IOException {
        Arg.Result previous = plan.add(open("/dev/null"));
        for (int i = 0; i < 3000; i++) {
            previous = plan.add(Sys.DUP3, previous, Arg.num(20 + i % 2), Arg.NULL);
        }
        plan.addExact(Syscall.of(Sys.DUP3, previous, Arg.num(30), Arg.NULL), 31);
        fails(arch, "", 3001, EPROTO);
    }

    private void say(String text) {
        plan.add(Sys.WRITE, STDOUT, Arg.str(text), Arg.num(text.length()));
    }

    private static Syscall open(String path) {
        return Syscall.of(Sys.OPENAT, Arg.AT_FDCWD, Arg.str(path), Arg.num(0));
    }

    private static Arg area(int size) {
        return new Arg.Buffer(size, new byte[0], "area");
    }

    private void succeeds(Arch arch, String output) throws IOException {
        ends(arch, 0, output);
    }

    private void fails(Arch arch, String output, int step, Errno errno) throws IOException {
        ends(arch, 127, output + record(step, errno));
    }

    private void ends(Arch arch, int status, String output) throws IOException {
        Tools.Outcome outcome = Tools.run(ElfImage.compile(plan.build(1), arch), arch);
        byte[] expected = output.getBytes(StandardCharsets.ISO_8859_1);
        assertThat(HexFormat.of().formatHex(outcome.output())).isEqualTo(HexFormat.of().formatHex(expected));
        assertThat(outcome.status()).isEqualTo(status);
    }

    private static String record(int step, Errno errno) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < 4; i++) {
            out.append((char) (step >>> (i * 8) & 0xff));
        }
        return out.append((char) errno.value()).append("\0\0\0").toString();
    }
}
