// SPDX-License-Identifier: Apache-2.0
package org.dolium.seccomp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.dolium.capability.CapabilitySets;
import org.dolium.linux.Arch;
import org.dolium.linux.Errno;
import org.dolium.seccomp.SeccompCondition.Comparison;
import org.dolium.testing.BpfInterpreter;
import org.junit.jupiter.api.Test;

/// What a filter costs: executed instructions for each call, compared with the filter that libseccomp makes of Docker's
/// profile for the native architecture alone, as crun and runc do. (Theirs have more architectures and a part for
/// unknown calls besides, which cost more.)
class FilterCostTest {
    private static final SeccompTarget TARGET =
            new SeccompTarget(Arch.X86_64, CapabilitySets.standard().bounding(), 6, 1);
    private static final SyscallTable TABLE = SyscallTable.of(Arch.X86_64);
    /// What servers and compilers do most.
    private static final List<String> FREQUENT = List.of(
            "read", "write", "close", "futex", "epoll_wait", "recvfrom", "sendto", "openat", "fstat", "mmap", "munmap", "brk",
            "newfstatat", "clock_nanosleep", "getrandom", "madvise", "rt_sigprocmask", "poll", "pread64", "ioctl",
            "execve", "wait4", "clone", "getdents64", "readlink", "accept4", "socket", "statx", "prctl", "exit_group");

    private static byte[] libseccomp(int level) throws Throwable {
        try (LibSeccomp library = new LibSeccomp(SeccompAction.errno(Errno.EPERM))) {
            library.optimize(level);
            for (SeccompRule rule : SeccompProfile.dockerCompatible().rules()) {
                if (rule.counts(TARGET)) {
                    add(library, rule);
                }
            }
            return library.export();
        }
    }

    private static void add(LibSeccomp library, SeccompRule rule) throws Throwable {
        for (String call : rule.calls) {
            if (TABLE.number(call) < 0) {
                continue;
            }
            List<List<SeccompCondition>> alternatives = call.equals("socket")
                    ? List.of(compare(Comparison.LT, 38), compare(Comparison.EQ, 39), compare(Comparison.GT, 40))
                    : List.of(rule.conditions); // one argument twice is nothing that libseccomp takes
            for (List<SeccompCondition> conditions : alternatives) {
                library.add(rule.action, TABLE.number(call), conditions);
            }
        }
    }

    private static List<SeccompCondition> compare(Comparison comparison, long value) {
        return List.of(new SeccompCondition(0, comparison, value, -1));
    }

    private static double average(byte[] program, List<String> calls) {
        BpfInterpreter filter = new BpfInterpreter(program);
        for (String call : calls) {
            filter.run(BpfInterpreter.X86_64, TABLE.number(call), 1, 1, 0, 0, 0, 0);
        }
        return filter.average();
    }

    private static List<String> everyCall() {
        List<String> names = new ArrayList<>();
        for (int number = 0; number <= 466; number++) {
            if (TABLE.name(number) != null) {
                names.add(TABLE.name(number));
            }
        }
        return names;
    }

    @Test
    void a_call_costs_less_than_with_the_filter_of_libseccomp() throws Throwable {
        byte[] ours = SeccompProfile.dockerCompatible().compile(TARGET);
        byte[] standard = SeccompProfile.standard().compile(TARGET);
        byte[] linear = libseccomp(1);
        byte[] tree = libseccomp(2);
        for (List<String> calls : List.of(everyCall(), FREQUENT)) {
            System.out.printf("seccomp, instructions per call (of the program): Dolium docker %.1f (%d), standard %.1f (%d); "
                    + "libseccomp tree %.1f (%d), linear %.1f (%d)%n",
                    average(ours, calls), ours.length / 8, average(standard, calls), standard.length / 8,
                    average(tree, calls), tree.length / 8, average(linear, calls), linear.length / 8);
            assertThat(average(ours, calls)).isLessThan(average(tree, calls)).isLessThan(average(linear, calls));
            assertThat(average(standard, calls)).isLessThan(average(tree, calls));
        }
        assertThat(ours.length).isLessThan(tree.length).isLessThan(linear.length);
    }

    /// The comparison means something only if both filters say the same.
    @Test
    void both_filters_give_the_same_answers() throws Throwable {
        BpfInterpreter ours = new BpfInterpreter(SeccompProfile.dockerCompatible().compile(TARGET));
        BpfInterpreter theirs = new BpfInterpreter(libseccomp(2));
        for (String call : everyCall()) {
            for (long first : new long[] {0, 1, 38, 39, 40, 41, 8, 0x20000, 0x10000000, 17}) {
                int number = TABLE.number(call);
                assertThat(ours.run(BpfInterpreter.X86_64, number, first, 0, 0, 0, 0, 0)).as(call)
                        .isEqualTo(theirs.run(BpfInterpreter.X86_64, number, first, 0, 0, 0, 0, 0));
            }
        }
    }
}
