// SPDX-License-Identifier: Apache-2.0
package org.dolium.elf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.dolium.linux.Arch;
import org.dolium.linux.Arg;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.plan.LaunchPlan;
import org.dolium.plan.PlanBuilder;
import org.dolium.plan.Step;
import org.dolium.testing.Golden;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The program of a monitor: as binutils disassembles it, and what it does on both processors, one of them emulated. The rest is tried
/// with real containers. How to write the golden files anew is told at [Golden].
class MonitorProgramTest {
    private static final int FIRST = 4;
    private static final int TO_CHANNEL = 20;
    private static final int TO_OUTPUT = 21;
    private static final int TO_ERROR = 22;
    private static final int TO_ATTACH = 23;
    private static final int OWN_END = 24;

    @TempDir
    Path directory;

    private final PlanBuilder plan = new PlanBuilder();

    private static LaunchPlan withFilter() {
        PlanBuilder plan = new PlanBuilder();
        Arg.Filter filter = new Arg.Filter(new byte[] {6, 0, 0, 0, 0, 0, -1, 0x7f}, "{allow}");
        plan.monitor(new Step.Monitor(Step.Init.CALL, FIRST, 32, true, 1000, 3, filter, Step.Monitor.Input.PIPE, 2, 0, 0));
        return plan.build(FIRST + Step.Monitor.CHANNEL);
    }

    private static List<Tools.Instruction> code(Arch arch) throws IOException {
        return Tools.instructions(Machine.code(withFilter(), arch), arch);
    }

    @ParameterizedTest
    @EnumSource
    void the_code_is_what_was_reviewed(Arch arch) throws IOException {
        StringBuilder text = new StringBuilder();
        code(arch).forEach(instruction -> text.append(instruction).append('\n'));
        Golden.check("monitor-" + arch.name().toLowerCase(Locale.ROOT), text.toString());
    }

    /// In the order of the code: the report of a failure, the clone, then as its description says.
    @ParameterizedTest
    @EnumSource
    void its_calls_have_the_numbers_that_they_should_have(Arch arch) throws IOException {
        List<Integer> wanted = new ArrayList<>();
        for (Sys sys : List.of(
                Sys.EXIT_GROUP, Sys.WRITE, Sys.CLONE,
                Sys.CLOSE_RANGE, Sys.PIDFD_OPEN, Sys.PRCTL, Sys.CHDIR, Sys.PRCTL, Sys.CAPSET, Sys.PRCTL, Sys.SECCOMP, Sys.CLOSE_RANGE,
                Sys.CLOSE, Sys.RENAMEAT2, Sys.RENAMEAT2, Sys.OPENAT,
                Sys.PPOLL, Sys.RECVMSG, Sys.PRCTL, Sys.WRITE, Sys.CLOSE,
                Sys.RECVMSG, Sys.SENDMSG, Sys.CLOSE, Sys.CLOSE,
                Sys.CLOCK_GETTIME, Sys.KILL,
                Sys.READ, Sys.CLOCK_GETTIME, Sys.WRITE, Sys.FTRUNCATE, Sys.READ, Sys.CLOCK_GETTIME, Sys.WRITE, Sys.FTRUNCATE,
                Sys.WAIT4, Sys.PWRITE64, Sys.RENAMEAT2, Sys.EXIT_GROUP,
                Sys.KILL, Sys.KILL, Sys.WAIT4, Sys.EXIT_GROUP,
                Sys.EXIT_GROUP)) {
            wanted.add(sys.number(arch));
        }
        assertThat(Tools.callNumbers(code(arch))).isEqualTo(wanted);
    }

    private static Arg.Bytes text(String text) {
        return new Arg.Bytes(text.getBytes(StandardCharsets.US_ASCII), "\"" + text + "\"");
    }

    private void send(int fd, String text) {
        plan.addExact(Syscall.of(Sys.WRITE, Arg.num(fd), text(text), Arg.num(text.length())), text.length());
    }

    private void open(String path, long flags, int wanted) {
        plan.addExact(
                Syscall.of(Sys.OPENAT, Arg.AT_FDCWD, Arg.str(path), Arg.num(flags), Arg.octal(0600)), wanted);
    }

    /// The second of a pair just made, whose number is the next one.
    private void move(int from, int to) {
        plan.add(Sys.DUP3, Arg.num(from), Arg.num(to), Arg.num(0));
        plan.add(Sys.CLOSE, Arg.num(from));
    }

    /// Descriptors as the JVM passes them; the other ends are moved out of the way.
    private void descriptors() {
        plan.add(Sys.CLOSE_RANGE, Arg.num(3), Arg.num(0xffffffffL), Arg.num(0));
        open("/dev/null", 0, 3);
        open("/dev/null", 0, FIRST);
        plan.add(Sys.SOCKETPAIR, Arg.num(1), Arg.num(5), Arg.num(0), new Arg.Buffer(8, new byte[0], "[]"));
        move(FIRST + 2, TO_CHANNEL);
        open(directory.toString(), 0, FIRST + 2);
        open("/dev/null", 0, FIRST + 3);
        open(directory.resolve("log").toString(), 0x441, FIRST + 4);
        open(directory.resolve("status.new").toString(), 0x41, FIRST + 5);
        plan.add(Sys.PIPE2, new Arg.Buffer(8, new byte[0], "[]"), Arg.num(0));
        move(FIRST + 7, TO_OUTPUT);
        plan.add(Sys.PIPE2, new Arg.Buffer(8, new byte[0], "[]"), Arg.num(0));
        move(FIRST + 8, TO_ERROR);
        for (int fd = FIRST + 6; fd <= FIRST + 7; fd++) {
            plan.add(Sys.FCNTL, Arg.num(fd), Arg.num(4), Arg.num(0x800)); // O_NONBLOCK
        }
    }

    private void monitor(long logBytes) {
        monitor(logBytes, Step.Monitor.Input.NONE);
    }

    private void monitor(long logBytes, Step.Monitor.Input input) {
        int kept = input == Step.Monitor.Input.NONE ? 0 : 2;
        plan.monitor(new Step.Monitor(Step.Init.CALL, FIRST, 0, false, logBytes, 3, null, input, kept, 0, 0));
    }

    /// A connected pair in place of a socket with a name, and a pipe, of which the other ends are moved away.
    private void input() {
        plan.add(Sys.SOCKETPAIR, Arg.num(1), Arg.num(2), Arg.num(0), new Arg.Buffer(8, new byte[0], "[]"));
        move(FIRST + 9, TO_ATTACH);
        plan.add(Sys.PIPE2, new Arg.Buffer(8, new byte[0], "[]"), Arg.num(0));
        move(FIRST + 9, OWN_END); // it reads
        move(FIRST + 10, FIRST + 9);
    }

    /// Asks with one end of a pair of sockets, and waits for the answer at the other.
    private void ask(char kind) {
        plan.add(Sys.SOCKETPAIR, Arg.num(1), Arg.num(5), Arg.num(0), new Arg.Buffer(8, new byte[0], "[]"));
        Arg.Message message = Arg.Message.withDescriptor(new byte[] {(byte) kind}, FIRST + 11);
        plan.addExact(Syscall.of(Sys.SENDMSG, Arg.num(TO_ATTACH), message, Arg.num(0)), 1);
        plan.add(Sys.CLOSE, Arg.num(FIRST + 11));
        plan.addExact(read(FIRST + 10), 8);
        plan.add(Sys.CLOSE, Arg.num(FIRST + 10));
    }

    private static Syscall read(int fd) {
        return Syscall.of(Sys.READ, Arg.num(fd), new Arg.Buffer(8, new byte[0], "[]"), Arg.num(8));
    }

    private Tools.Outcome run(Arch arch) throws IOException {
        return Tools.run(ElfImage.compile(plan.build(1), arch), arch);
    }

    private List<String> log(String name) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(directory.resolve(name))).order(ByteOrder.LITTLE_ENDIAN);
        List<String> records = new ArrayList<>();
        while (bytes.hasRemaining()) {
            bytes.position(bytes.position() + 16);
            byte[] content = new byte[bytes.getInt()];
            int stream = bytes.getInt();
            bytes.get(content);
            records.add(stream + new String(content, StandardCharsets.US_ASCII));
        }
        return records;
    }

    @ParameterizedTest
    @EnumSource
    void it_copies_what_was_counted_before_it_tells_of_the_end(Arch arch) throws IOException {
        Files.writeString(directory.resolve("first"), "1234567");
        Files.writeString(directory.resolve("third"), "x".repeat(Step.Monitor.COUNTS_LENGTH + 1));
        Files.write(directory.resolve("counted"), new byte[3 * Step.Monitor.COUNTS_LENGTH]);
        descriptors();
        int file = FIRST + Step.Monitor.COUNT;
        open(directory.resolve("counted").toString(), 1, file);
        open(directory.resolve("first").toString(), 0, file + 1);
        open(directory.toString(), 0, file + 2); // can't be read
        open(directory.resolve("third").toString(), 0, file + 3);
        send(TO_CHANNEL, "G");
        plan.monitor(new Step.Monitor(Step.Init.CALL, FIRST, 0, false, 0, 1, null, Step.Monitor.Input.NONE, 4, 3, 0));
        plan.add(Sys.EXIT_GROUP, Arg.num(7));
        run(arch);
        byte[] expected = new byte[3 * Step.Monitor.COUNTS_LENGTH];
        System.arraycopy("1234567".getBytes(StandardCharsets.US_ASCII), 0, expected, 0, 7);
        java.util.Arrays.fill(expected, 2 * Step.Monitor.COUNTS_LENGTH, expected.length, (byte) 'x');
        assertThat(Files.readAllBytes(directory.resolve("counted"))).isEqualTo(expected);
        assertThat(directory.resolve("status")).exists();
    }

    @ParameterizedTest
    @EnumSource
    void it_writes_what_the_child_printed_and_how_it_ended(Arch arch) throws IOException {
        descriptors();
        send(TO_CHANNEL, "G");
        monitor(0);
        send(TO_OUTPUT, "out");
        send(TO_ERROR, "err");
        plan.add(Sys.EXIT_GROUP, Arg.num(5));
        assertThat(run(arch).status()).isZero();
        assertThat(log("log")).containsExactlyInAnyOrder("1out", "2err");
        ByteBuffer status =
                ByteBuffer.wrap(Files.readAllBytes(directory.resolve("status"))).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(status.limit()).isEqualTo(80);
        assertThat(status.getInt()).isEqualTo(0x31534c44);
        assertThat(status.getInt()).isEqualTo(5 << 8);
        assertThat(status.getLong()).isGreaterThan(1_700_000_000L);
        assertThat(status.getLong()).isBetween(0L, 999_999_999L);
        assertThat(status.getLong()).isZero();
    }

    /// The child reads its own input, of which the monitor keeps the other end open, until it gives that away.
    @ParameterizedTest
    @EnumSource
    void it_gives_the_input_to_who_asks_and_keeps_it_until_it_is_taken(Arch arch) throws IOException {
        descriptors();
        input();
        send(TO_CHANNEL, "G");
        monitor(0, Step.Monitor.Input.PIPE);
        plan.add(Sys.DUP3, Arg.num(FIRST), Arg.num(FIRST + Step.Monitor.INPUT), Arg.num(0)); // its own end is closed by that
        plan.add(Sys.FCNTL, Arg.num(OWN_END), Arg.num(4), Arg.num(0x800)); // O_NONBLOCK
        for (int i = 0; i < 3; i++) {
            send(TO_ATTACH, "A"); // there is nobody to answer
            ask(Step.Monitor.SHARE);
            plan.addExact(read(OWN_END), 77, Errno.EAGAIN); // no end
        }
        ask(Step.Monitor.TAKE);
        plan.add(Sys.FCNTL, Arg.num(OWN_END), Arg.num(4), Arg.num(0));
        plan.addExact(read(OWN_END), 0);
        plan.add(Sys.EXIT_GROUP, Arg.num(5));
        assertThat(run(arch).status()).isZero();
        ByteBuffer status = ByteBuffer.wrap(Files.readAllBytes(directory.resolve("status"))).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(status.getInt(4)).isEqualTo(5 << 8);
    }

    /// What one pipe has is one record if it is read at once, and the log is continued in a new file after it.
    @ParameterizedTest
    @EnumSource
    void it_begins_a_new_log_when_one_is_long(Arch arch) throws IOException {
        descriptors();
        send(TO_CHANNEL, "G");
        for (int fd : new int[] {TO_OUTPUT, TO_ERROR}) {
            send(fd, "x".repeat(20_000)); // two records of each
        }
        monitor(3_000);
        plan.add(Sys.EXIT_GROUP, Arg.num(0));
        assertThat(run(arch).status()).isZero();
        List<String> all = new ArrayList<>();
        for (String name : new String[] {"log.2", "log.1", "log"}) {
            all.addAll(log(name));
        }
        assertThat(all).extracting(String::length).containsExactlyInAnyOrder(16_385, 16_385, 3_617, 3_617);
        assertThat(log("log.2")).hasSize(2);
        assertThat(log("log.1")).hasSize(2);
        assertThat(log("log")).isEmpty();
        assertThat(directory.resolve("log.3")).doesNotExist();
    }

    @ParameterizedTest
    @EnumSource
    void without_a_go_it_ends_with_the_channel_and_the_child_with_it(Arch arch) throws IOException {
        descriptors();
        plan.add(Sys.CLOSE, Arg.num(TO_CHANNEL));
        monitor(0);
        plan.add(Sys.PPOLL, Arg.NULL, Arg.num(0), new Arg.Buffer(16, new byte[] {30}, "{30 s}"), Arg.NULL, Arg.num(0));
        assertThat(run(arch).status()).isZero(); // it has waited for the child, which had to be killed
        assertThat(directory.resolve("status")).doesNotExist();
    }

    /// The test's pipe ends with the last process that has it.
    @ParameterizedTest
    @EnumSource
    void its_failure_is_reported(Arch arch) throws IOException {
        plan.add(Sys.CLOSE_RANGE, Arg.num(3), Arg.num(0xffffffffL), Arg.num(0));
        monitor(0); // its descriptors are missing, so that of the child has another number
        plan.add(Sys.EXIT_GROUP, Arg.num(0));
        Tools.Outcome outcome = run(arch);
        assertThat(outcome.output()).containsExactly(1, 0, 0, 0, PlanCompiler.EPROTO, 0, 0, 0);
        assertThat(outcome.status()).isEqualTo(127);
    }
}
