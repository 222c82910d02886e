// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.dolium.capability.Capability;
import org.dolium.capability.CapabilitySets;
import org.dolium.host.Host;
import org.dolium.kernel.HostProbe;
import org.dolium.linux.Arch;
import org.dolium.linux.Errno;
import org.dolium.linux.UnsupportedHostException;
import org.dolium.seccomp.SeccompAction;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.seccomp.SeccompRule;
import org.dolium.seccomp.SeccompTarget;
import org.dolium.seccomp.SyscallTable;
import org.dolium.testing.BpfInterpreter;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.ProcessStatus;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows S of the security matrix about filters, with the kernel's own answers: a program in the container asks what would
/// happen to each call, without making any. See `try-syscalls.c`.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class SyscallSecurityTest extends SecurityRows {
    private static final SyscallTable TABLE = SyscallTable.of(Arch.X86_64);
    private static final long STANDARD = CapabilitySets.standard().bounding();
    private static final String AS_IS = "64";
    private static final String INT_80 = "32";

    /// Where the kernel's own probes return to, uretprobe(2) and uprobe(2): filters are not asked since Linux 6.14 and 6.18,
    /// and who calls them from elsewhere is killed.
    private static final List<Integer> NOT_FILTERED = List.of(335, 336);

    private static List<Integer> numbers() {
        List<Integer> numbers = new ArrayList<>();
        for (int number = 0; number < 1024; number++) {
            if (!NOT_FILTERED.contains(number)) {
                numbers.add(number);
            }
        }
        return numbers;
    }

    @TempDir
    static Path programs;

    @BeforeAll
    static void compile() throws Exception {
        MustRun.require(HostProbe.host().arch() == Arch.X86_64, "an x86-64 processor");
        compile("try-syscalls");
        compile("make-thread");
    }

    @BeforeEach
    void copy() throws Exception {
        for (String name : List.of("try-syscalls", "make-thread")) {
            Files.copy(programs.resolve(name), root.resolve("bin/" + name), StandardCopyOption.COPY_ATTRIBUTES);
        }
    }

    private static void compile(String name) throws Exception {
        Path source = programs.resolve(name + ".c");
        try (InputStream in = SyscallSecurityTest.class.getResourceAsStream("/" + name + ".c")) {
            Files.write(source, in.readAllBytes());
        }
        Process gcc = new ProcessBuilder(MustRun.program("gcc"), "-static", "-O1", "-pthread", "-o",
                        programs.resolve(name).toString(), source.toString())
                .redirectErrorStream(true).start();
        String output = new String(gcc.getInputStream().readAllBytes());
        assertThat(gcc.waitFor()).as(output).isZero();
    }

    static Stream<Arguments> profiles() {
        // strict containers can't add filters, which the program here must
        SeccompProfile strict = SeccompProfile.strict().with(SeccompRule.allow("seccomp"));
        return Mode.here().stream().flatMap(mode -> Stream.of(
                        SeccompProfile.standard(), SeccompProfile.dockerCompatible(), strict)
                .map(profile -> Arguments.of(mode, profile)));
    }

    private static String call(String way, long number, long... args) {
        StringBuilder line = new StringBuilder(way).append(' ').append(Long.toHexString(number));
        for (int i = 0; i < 6; i++) {
            line.append(' ').append(Long.toHexString(i < args.length ? args[i] : 0));
        }
        return line.toString();
    }

    private static String named(String name, long... args) {
        return call(AS_IS, TABLE.number(name), args);
    }

    /// What the kernel would do about each call: `allowed`, or the name of an errno.
    private List<String> answers(ContainerBuilder builder, List<String> calls) throws Exception {
        return answers(builder.command("/bin/try-syscalls").input(String.join("\n", calls) + "\n").build(), calls.size());
    }

    private static List<String> answers(ContainerSpec spec, int count) throws Exception {
        Result result = spec.run(LIMIT);
        assertThat(result.status()).as(result.stderr()).isEqualTo(new ExitStatus.Exited(0));
        List<String> answers = result.stdout().lines()
                .map(line -> line.equals("allowed") ? line : new Errno(-Integer.parseInt(line)).name())
                .toList();
        assertThat(answers).hasSize(count);
        return answers;
    }

    private static SeccompTarget target(long bounding) {
        Host host = HostProbe.host();
        return new SeccompTarget(host.arch(), bounding, host.kernelMajor(), host.kernelMinor());
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void S_04_every_number_up_to_1023_gets_what_the_profile_says(Mode mode, SeccompProfile profile) throws Exception {
        List<String> calls = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        BpfInterpreter filter = new BpfInterpreter(profile.compile(target(STANDARD)));
        for (int number : numbers()) {
            calls.add(call(AS_IS, number));
            int action = filter.run(BpfInterpreter.X86_64, number);
            expected.add(action == SeccompAction.ALLOW.value() ? "allowed" : new Errno(action & 0xffff).name());
            assertThat(TABLE.name(number) != null || expected.getLast().equals("ENOSYS")).isTrue();
        }
        List<String> answers = answers(tiny(mode, "").seccomp(profile), calls);
        for (int i = 0; i < calls.size(); i++) {
            int number = numbers().get(i);
            assertThat(answers.get(i)).as("%d, %s", number, TABLE.name(number)).isEqualTo(expected.get(i));
        }
        assertThat(answers).contains("allowed", "EPERM", "ENOSYS");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_04_without_the_control_every_call_reaches_the_kernel(Mode mode) throws Exception {
        List<String> calls = new ArrayList<>();
        for (int number : numbers()) {
            calls.add(call(AS_IS, number));
        }
        assertThat(answers(tiny(mode, "").seccomp(SeccompProfile.unconfined()), calls)).containsOnly("allowed");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_01_no_call_of_another_architecture_reaches_the_kernel(Mode mode) throws Exception {
        List<String> calls = new ArrayList<>();
        for (int number = 0; number < 1024; number++) {
            calls.add(call(INT_80, number));
            calls.add(call(AS_IS, number | 0x40000000L));
        }
        assertThat(answers(tiny(mode, ""), calls)).containsOnly("ENOSYS");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_01_without_the_control_calls_of_another_architecture_reach_the_kernel(Mode mode) throws Exception {
        List<String> calls = List.of(call(INT_80, 20), call(AS_IS, 39 | 0x40000000L)); // getpid
        assertThat(answers(tiny(mode, "").seccomp(SeccompProfile.unconfined()), calls)).containsOnly("allowed");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_02_socketcall_of_32_bit_programs_is_missing(Mode mode) throws Exception {
        List<String> calls = List.of(call(INT_80, 102, 1, 38));
        assertThat(answers(tiny(mode, ""), calls)).containsExactly("ENOSYS");
        assertThat(answers(tiny(mode, "").seccomp(SeccompProfile.unconfined()), calls)).containsExactly("allowed");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_03_high_bits_of_an_int_do_not_open_anything(Mode mode) throws Exception {
        List<String> calls = new ArrayList<>();
        for (int bit = 32; bit < 64; bit++) {
            long high = 1L << bit;
            calls.add(named("socket", 38 | high, 5)); // AF_ALG
            calls.add(named("socket", 40 | high, 1)); // AF_VSOCK
            calls.add(named("personality", 0x40000 | high));
            calls.add(named("ioctl", 0, 0x5412 | high)); // TIOCSTI
            calls.add(named("clone", 0x10000000 | high)); // CLONE_NEWUSER
        }
        assertThat(answers(tiny(mode, ""), calls)).containsOnly("EAFNOSUPPORT", "EPERM");
        assertThat(answers(tiny(mode, "").seccomp(SeccompProfile.unconfined()), calls)).containsOnly("allowed");
        assertThat(answers(tiny(mode, ""), List.of(named("socket", 1 | 1L << 40, 1), named("personality", 1L << 33))))
                .containsOnly("allowed"); // the kernel sees AF_UNIX and 0
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_05_the_filter_is_in_force_from_the_first_instruction_and_the_only_one(Mode mode) throws Exception {
        ProcessStatus status = ProcessStatus.parse(output(tiny(mode, "cat /proc/self/status")));
        int outer = Integer.parseInt(ProcessStatus.self().field("Seccomp_filters"));
        assertThat(status.field("Seccomp")).isEqualTo("2");
        assertThat(status.field("Seccomp_filters")).isEqualTo(String.valueOf(outer + 1));
        ProcessStatus open = ProcessStatus.parse(
                output(tiny(mode, "cat /proc/self/status").seccomp(SeccompProfile.unconfined())));
        assertThat(open.field("Seccomp_filters")).isEqualTo(String.valueOf(outer));
        ProcessStatus without = ProcessStatus.parse(
                output(Variant.without(tiny(mode, "cat /proc/self/status"), "seccomp\\(.*")));
        assertThat(without.field("Seccomp_filters")).isEqualTo(String.valueOf(outer));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_05_threads_are_made_although_clone3_is_missing(Mode mode) throws Exception {
        assertThat(answers(tiny(mode, ""), List.of(named("clone3")))).containsExactly("ENOSYS");
        assertThat(output(tiny(mode, "make-thread"))).isEqualTo("ran\n");
        SeccompProfile wrong =
                SeccompProfile.standard().with(SeccompRule.of(SeccompAction.errno(Errno.EPERM), "clone3"));
        assertThat(output(tiny(mode, "make-thread").seccomp(wrong))).isEqualTo("Operation not permitted\n");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_06_capabilities_open_calls(Mode mode) throws Exception {
        List<String> calls = List.of(named("mount"), named("unshare", 0x10000000), named("setns"), named("clone3"));
        assertThat(answers(tiny(mode, ""), calls)).containsExactly("EPERM", "EPERM", "EPERM", "ENOSYS");
        assertThat(answers(tiny(mode, "").addCapabilities(Capability.SYS_ADMIN), calls)).containsOnly("allowed");
        assertThat(answers(tiny(mode, "").dropCapabilities(Capability.SYS_CHROOT), List.of(named("chroot"))))
                .containsExactly("EPERM");
    }

    /// One call, by its number, for the table that the profile was made with is not asked; and what it gets.
    private record Expected(String call, String answer) {}

    private static Expected expect(String answer, long number, long... args) {
        return new Expected(call(AS_IS, number, args), answer);
    }

    /// Asserts what calls get, and as the control that all of them reach the kernel without the filter.
    private void assertAnswers(Mode mode, Expected... expected) throws Exception {
        List<String> calls = Stream.of(expected).map(Expected::call).toList();
        List<String> answers = answers(tiny(mode, ""), calls);
        for (int i = 0; i < expected.length; i++) {
            assertThat(answers.get(i)).as(calls.get(i)).isEqualTo(expected[i].answer);
        }
        assertThat(answers(tiny(mode, "").seccomp(SeccompProfile.unconfined()), calls)).containsOnly("allowed");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_08_io_uring_is_denied(Mode mode) throws Exception {
        assertAnswers(
                mode,
                expect("EPERM", 425),
                expect("EPERM", 426),
                expect("EPERM", 427));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_09_calls_that_change_the_machine_are_denied(Mode mode) throws Exception {
        assertAnswers(
                mode,
                expect("EPERM", 323),
                expect("EPERM", 321),
                expect("EPERM", 298),
                expect("EPERM", 246),
                expect("EPERM", 320),
                expect("EPERM", 175),
                expect("EPERM", 313),
                expect("EPERM", 176),
                expect("EPERM", 167),
                expect("EPERM", 168),
                expect("EPERM", 169),
                expect("EPERM", 163),
                expect("EPERM", 179),
                expect("EPERM", 443),
                expect("EPERM", 172),
                expect("EPERM", 173),
                expect("EPERM", 164),
                expect("EPERM", 227),
                expect("EPERM", 153),
                expect("EPERM", 237),
                expect("EPERM", 238),
                expect("EPERM", 239),
                expect("EPERM", 279),
                expect("EPERM", 256),
                expect("EPERM", 134),
                expect("EPERM", 136),
                expect("EPERM", 139));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_10_mounts_and_namespaces_are_denied(Mode mode) throws Exception {
        assertAnswers(
                mode,
                expect("EPERM", 165),
                expect("EPERM", 166),
                expect("EPERM", 155),
                expect("EPERM", 430),
                expect("EPERM", 431),
                expect("EPERM", 432),
                expect("EPERM", 433),
                expect("EPERM", 428),
                expect("EPERM", 429),
                expect("EPERM", 442),
                expect("EPERM", 308),
                expect("EPERM", 272, 0x80),
                expect("EPERM", 272, 0x20000),
                expect("EPERM", 272, 0x2000000),
                expect("EPERM", 272, 0x4000000),
                expect("EPERM", 272, 0x8000000),
                expect("EPERM", 272, 0x10000000),
                expect("EPERM", 272, 0x20000000),
                expect("EPERM", 272, 0x40000000),
                expect("EPERM", 56, 0x20000 | 17),
                expect("EPERM", 56, 0x2000000 | 17),
                expect("EPERM", 56, 0x4000000 | 17),
                expect("EPERM", 56, 0x8000000 | 17),
                expect("EPERM", 56, 0x10000000 | 17),
                expect("EPERM", 56, 0x20000000 | 17),
                expect("EPERM", 56, 0x40000000 | 17),
                expect("ENOSYS", 435),
                expect("ENOSYS", 467));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_12_handles_of_files_are_not_opened(Mode mode) throws Exception {
        assertAnswers(
                mode,
                expect("allowed", 303),
                expect("EPERM", 304));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_13_own_processes_are_traced_and_nothing_is_taken_from_others(Mode mode) throws Exception {
        assertAnswers(
                mode,
                expect("allowed", 101),
                expect("allowed", 310),
                expect("allowed", 311),
                expect("EPERM", 438),
                expect("EPERM", 312),
                expect("EPERM", 440));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_14_keys_are_out_of_reach(Mode mode) throws Exception {
        assertAnswers(
                mode,
                expect("EPERM", 248),
                expect("EPERM", 249),
                expect("EPERM", 250));
    }

    /// Copy Fail (CVE-2026-31431) writes to the page cache of shared files through sockets of the kernel's cryptography.
    @ParameterizedTest
    @MethodSource("profiles")
    void S_24_sockets_of_the_kernels_cryptography_are_out_of_reach(Mode mode, SeccompProfile profile) throws Exception {
        List<String> calls = List.of(named("socket", 38, 5), named("socket", 38 | 1L << 32, 5), named("socket", 38, 0x80005));
        assertThat(answers(tiny(mode, "").seccomp(profile), calls)).doesNotContain("allowed").hasSize(3);
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_24_without_the_control_they_are_asked_for(Mode mode) throws Exception {
        assertThat(answers(tiny(mode, "").seccomp(SeccompProfile.unconfined()), List.of(named("socket", 38, 5))))
                .containsExactly("allowed");
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_15_socket_families_are_a_list(Mode mode) throws Exception {
        List<Expected> expected = new ArrayList<>();
        for (int family = 0; family < 47; family++) {
            boolean usual = family == 1 || family == 2 || family == 10 || family == 16;
            expected.add(expect(usual ? "allowed" : "EAFNOSUPPORT", 41, family, 1, 0));
        }
        expected.add(expect("EPROTONOSUPPORT", 41, 16, 3, 12)); // NETLINK_NETFILTER
        expected.add(expect("EPROTONOSUPPORT", 41, 16, 3, 9)); // NETLINK_AUDIT
        assertAnswers(mode, expected.toArray(Expected[]::new));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_16_nothing_is_typed_into_a_terminal(Mode mode) throws Exception {
        assertAnswers(
                mode,
                expect("EPERM", 16, 0, 0x5412),
                expect("EPERM", 16, 0, 0x541c),
                expect("EPERM", 16, 0, 0x5412 | 1L << 32),
                expect("allowed", 16, 0, 0x5413));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void S_17_personalities_are_five(Mode mode) throws Exception {
        assertAnswers(
                mode,
                expect("allowed", 135, 0xffffffffL),
                expect("allowed", 135, 0),
                expect("EPERM", 135, 0x40000),
                expect("EPERM", 135, 0x400000),
                expect("EPERM", 135, 0x40000 | 1L << 40));
    }

    @ParameterizedTest
    @MethodSource("modes")
    void a_filter_holds_also_without_no_new_privileges(Mode mode) throws Exception {
        ContainerBuilder builder = tiny(mode, "").noNewPrivileges(false);
        assertThat(answers(builder.addCapabilities(Capability.SYS_ADMIN), List.of(named("keyctl"), named("mount"))))
                .containsExactly("EPERM", "allowed");
        String status = output(tiny(mode, "cat /proc/self/status").noNewPrivileges(false));
        assertThat(ProcessStatus.parse(status).field("Seccomp")).isEqualTo("2");
        assertThat(ProcessStatus.parse(status).field("NoNewPrivs")).isEqualTo("0");
    }

    @Test
    void a_profile_that_forbids_what_the_start_needs_is_refused_before_anything_happens() {
        ContainerBuilder builder = tiny(Mode.here().getFirst(), "true")
                .seccomp(SeccompProfile.denying(SeccompAction.errno(Errno.EPERM)).named("nothing"));
        assertThatThrownBy(builder::build).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the seccomp profile 'nothing' forbids execve, which the start needs");
        assertThatThrownBy(tiny(Mode.here().getFirst(), "true").seccomp(SeccompProfile.strict()).noNewPrivileges(false)::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'strict' forbids setresuid, which the start needs where no_new_privs is off");
    }

    @Test
    void the_standard_profile_lets_every_start_pass() {
        for (String call : Filtering.WITHOUT_NO_NEW_PRIVILEGES) {
            assertThat(SeccompProfile.standard().mayAllow(call, target(0))).as(call).isTrue();
        }
    }

    @Test
    void a_kernel_without_filters_is_told_of_and_nothing_is_weakened() throws IOException {
        Host host = HostProbe.host();
        Host without = new Host(host.arch(), host.kernelMajor(), host.kernelMinor(), host.lastCapability(), host.uid(), host.gid(),
                host.capabilities(), host.initialUserNamespace(), host.groupsDenied(), host.ttyGroupMapped(),
                host.coreHardLimit(), false, host.throttlePaths());
        ContainerBuilder builder = tiny(Mode.here().getFirst(), "true");
        assertThatThrownBy(() -> Filtering.check(builder, 0, without, new ArrayList<>()))
                .isInstanceOf(UnsupportedHostException.class)
                .hasMessageContaining("no filters of system calls")
                .hasMessageContaining("hint: run a kernel with CONFIG_SECCOMP_FILTER");
        builder.seccomp(SeccompProfile.unconfined());
        assertThat(Filtering.check(builder, 0, without, new ArrayList<>()).isUnconfined()).isTrue();
        assertThat(host.seccompFilters()).isTrue();
    }

    @Test
    void the_plan_shows_the_filter() throws IOException {
        assertThat(tiny(Mode.here().getFirst(), "true").explain())
                .containsPattern("seccomp\\(SECCOMP_SET_MODE_FILTER, 0, \\{len=\\d+, filter=standard\\}\\)\n\\$\\d+ = execve");
    }
}
