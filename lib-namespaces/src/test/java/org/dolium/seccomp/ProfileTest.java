// SPDX-License-Identifier: Apache-2.0
package org.dolium.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.dolium.capability.Capability;
import org.dolium.capability.CapabilitySets;
import org.dolium.linux.Arch;
import org.dolium.linux.Errno;
import org.dolium.testing.BpfInterpreter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Rows S of the security matrix that a filter alone decides: the well-known dangerous calls, one by one, through the
/// compiled programs.
class ProfileTest {
    private static final long NEW_TIME = 0x80;

    /// A compiled profile.
    private static final class Filter {
        final SyscallTable table;
        final BpfInterpreter program;
        final int arch;

        Filter(SeccompProfile profile, Arch arch, CapabilitySets capabilities) {
            table = SyscallTable.of(arch);
            program = new BpfInterpreter(profile.compile(new SeccompTarget(arch, capabilities.bounding(), 6, 18)));
            this.arch = arch == Arch.X86_64 ? BpfInterpreter.X86_64 : BpfInterpreter.AARCH64;
        }

        /// The answer to a call.
        String call(String name, long... args) {
            assertThat(table.number(name)).as(name).isNotNegative();
            return run(arch, table.number(name), args);
        }

        String run(int architecture, int number, long... args) {
            return new SeccompAction(program.run(architecture, number, args)).toString();
        }

        boolean has(String name) {
            return table.number(name) >= 0;
        }
    }

    private static Filter standard(Arch arch, Capability... added) {
        CapabilitySets sets = CapabilitySets.standard();
        for (Capability capability : added) {
            sets = sets.plus(capability);
        }
        return new Filter(SeccompProfile.standard(), arch, sets);
    }

    /// A name that is misspelt would be ignored, and the call stay denied: or, in a rule that denies, allowed.
    @ParameterizedTest
    @ValueSource(strings = {"standard", "docker", "strict"})
    void every_name_in_a_profile_is_that_of_a_system_call(String name) {
        int names = 0;
        for (SeccompRule rule : SeccompProfile.parse(name).rules()) {
            for (String call : rule.calls()) {
                assertThat(List.of(Arch.values())).as(call)
                        .anyMatch(arch -> (rule.arch() == null || rule.arch() == arch) && SyscallTable.of(arch).number(call) >= 0);
                names++;
            }
        }
        assertThat(names).isGreaterThan(250);
        assertThat(SyscallTable.of(Arch.X86_64).number("opne")).isNegative(); // the table tells
    }

    /// What Landlock does not know of, for processes that share nearly everything with others.
    @ParameterizedTest
    @EnumSource
    void without_namespaces_calls_that_reach_others_are_denied(Arch arch) {
        for (SeccompProfile profile : List.of(SeccompProfile.standard(), SeccompProfile.dockerCompatible(), SeccompProfile.strict())) {
            Filter usual = new Filter(profile, arch, CapabilitySets.none());
            Filter filter = new Filter(profile.withoutNamespaces(), arch, CapabilitySets.none());
            for (String call : List.of("fchmodat", "fchmodat2", "fchownat", "setxattr", "lsetxattr", "removexattr", "inotify_add_watch",
                    "setsid", "setpgid", "chmod", "utimes", "lchown")) {
                if (filter.has(call)) {
                    assertThat(filter.call(call)).as(call).isEqualTo("EPERM");
                    assertThat(usual.call(call)).as(call).isEqualTo("allow");
                }
            }
            for (String own : List.of("fchmod", "fchown", "fsetxattr", "openat", "fork", "futex")) {
                assertThat(!filter.has(own) || filter.call(own).equals(usual.call(own))).as(own).isTrue();
            }
            assertThat(List.of(filter.call("utimensat", 3, 0), filter.call("prlimit64", 0, 7), filter.call("prlimit64", 1L << 32, 7),
                    filter.call("setpriority", 0, 0), filter.call("clone", 17), filter.call("socketpair", 1))).containsOnly("allow");
            assertThat(List.of(filter.call("utimensat", -100, 4711), filter.call("prlimit64", 5, 7), filter.call("setpriority", 0, 5),
                    filter.call("setpriority", 2, 0), filter.call("sched_setaffinity", 5), filter.call("ioprio_set", 3, 0),
                    filter.call("clone", 0x8000 | 17))).containsOnly("EPERM");
            assertThat(List.of(filter.call("socket", 1, 1), filter.call("socket", 1 | 1L << 40, 1))).containsOnly("EAFNOSUPPORT");
            assertThat(filter.call("shmget")).isEqualTo("ENOSYS");
            assertThat(filter.call("mq_open")).isEqualTo("ENOSYS");
        }
    }

    @ParameterizedTest
    @EnumSource
    void S_01_calls_of_another_architecture_and_x32_are_missing(Arch arch) {
        Filter filter = standard(arch);
        for (int number = 0; number < 1024; number++) {
            assertThat(filter.run(BpfInterpreter.I386, number)).hasToString("ENOSYS");
            assertThat(filter.run(0x40000028, number)).hasToString("ENOSYS"); // 32-bit Arm
            assertThat(filter.run(filter.arch, number | 0x40000000)).hasToString("ENOSYS");
        }
        assertThat(filter.run(filter.arch, -1)).hasToString("ENOSYS");
    }

    @ParameterizedTest
    @EnumSource
    void S_02_socketcall_of_32_bit_programs_is_missing(Arch arch) {
        assertThat(standard(arch).run(BpfInterpreter.I386, 102, 1, 38)).hasToString("ENOSYS");
    }

    @ParameterizedTest
    @ValueSource(strings = {"standard", "docker", "strict"})
    void S_03_high_bits_of_an_int_do_not_matter(String name) {
        for (Arch arch : Arch.values()) {
            Filter filter = new Filter(SeccompProfile.parse(name), arch, CapabilitySets.standard());
            for (int bit = 32; bit < 64; bit++) {
                long high = 1L << bit;
                for (long family = 0; family < 47; family++) {
                    assertThat(filter.call("socket", family | high, 1)).isEqualTo(filter.call("socket", family, 1));
                    assertThat(filter.call("socket", family, 1, high)).isEqualTo(filter.call("socket", family, 1));
                }
                for (long personality : new long[] {0, 8, 0x20000, 0x40000, 0x400000, 0xffffffffL}) {
                    assertThat(filter.call("personality", personality | high))
                            .isEqualTo(filter.call("personality", personality));
                }
                for (long request : new long[] {0x5401, 0x5412, 0x541c}) {
                    assertThat(filter.call("ioctl", 0, request | high)).isEqualTo(filter.call("ioctl", 0, request));
                }
                assertThat(filter.call("clone", 0x10000000 | high)).isEqualTo("EPERM");
                assertThat(filter.call("clone", 0x3d0f00 | high)).isEqualTo("allow");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void S_04_calls_that_nobody_knows_are_missing(Arch arch) {
        Filter filter = standard(arch);
        for (int number = 0; number < 2048; number++) {
            if (filter.table.name(number) == null) {
                assertThat(filter.run(filter.arch, number)).as("%d", number).hasToString("ENOSYS");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void S_05_threads_are_made_with_clone_because_clone3_is_missing(Arch arch) {
        assertThat(standard(arch).call("clone3")).isEqualTo("ENOSYS");
        assertThat(standard(arch).call("clone", 0x3d0f00)).isEqualTo("allow");
        assertThat(standard(arch, Capability.SYS_ADMIN).call("clone3")).isEqualTo("allow");
    }

    /// What a capability is needed for is allowed with it in the bounding set, and not without.
    @ParameterizedTest
    @EnumSource
    void S_06_capabilities_open_calls(Arch arch) {
        Map<Capability, List<String>> calls = new TreeMap<>(Map.ofEntries(
                Map.entry(Capability.SYS_ADMIN, List.of("mount", "umount2", "fsopen", "move_mount", "setns", "unshare", "pivot_root",
                        "mount_setattr", "open_tree", "quotactl", "sethostname", "fanotify_init", "lsm_set_self_attr")),
                Map.entry(Capability.SYS_PTRACE, List.of("kcmp", "pidfd_getfd", "process_madvise")),
                Map.entry(Capability.DAC_READ_SEARCH, List.of("open_by_handle_at")),
                Map.entry(Capability.SYS_BOOT, List.of("reboot")),
                Map.entry(Capability.SYS_MODULE, List.of("init_module", "finit_module", "delete_module")),
                Map.entry(Capability.SYS_PACCT, List.of("acct")),
                Map.entry(Capability.SYS_TIME, List.of("settimeofday", "clock_settime")),
                Map.entry(Capability.SYS_TTY_CONFIG, List.of("vhangup")),
                Map.entry(Capability.SYS_NICE, List.of("mbind", "set_mempolicy", "get_mempolicy")),
                Map.entry(Capability.SYSLOG, List.of("syslog")),
                Map.entry(Capability.BPF, List.of("bpf")),
                Map.entry(Capability.PERFMON, List.of("perf_event_open"))));
        calls.forEach((capability, names) -> {
            for (String name : names) {
                assertThat(standard(arch).call(name)).as(name).isEqualTo("EPERM");
                assertThat(standard(arch, capability).call(name)).as(name).isEqualTo("allow");
            }
        });
        Filter none = new Filter(SeccompProfile.standard(), arch, CapabilitySets.none());
        assertThat(none.call("chroot")).isEqualTo("EPERM");
        assertThat(standard(arch).call("chroot")).isEqualTo("allow");
    }

    @ParameterizedTest
    @EnumSource
    void S_08_dangerous_calls_are_denied_even_with_all_capabilities(Arch arch) {
        for (String name : List.of("standard", "docker", "strict")) {
            Filter filter = new Filter(SeccompProfile.parse(name), arch, CapabilitySets.all());
            for (String call : List.of("io_uring_setup", "io_uring_enter", "io_uring_register", "userfaultfd", "kexec_load",
                    "kexec_file_load", "swapon", "swapoff", "nfsservctl", "move_pages", "migrate_pages", "uselib", "ustat",
                    "sysfs", "add_key", "keyctl", "request_key", "_sysctl", "create_module", "get_kernel_syms",
                    "query_module", "vserver", "afs_syscall", "security", "tuxcall", "getpmsg", "putpmsg")) {
                if (filter.has(call)) {
                    assertThat(filter.call(call)).as(call).isEqualTo("EPERM");
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void S_09_calls_that_change_the_machine_are_denied(Arch arch) {
        for (String call : List.of("bpf", "perf_event_open", "init_module", "finit_module", "delete_module", "reboot", "acct",
                "quotactl", "quotactl_fd", "iopl", "ioperm", "settimeofday", "clock_settime", "vhangup", "lookup_dcookie",
                "mbind", "set_mempolicy", "get_mempolicy", "set_mempolicy_home_node", "syslog", "sethostname",
                "setdomainname", "fanotify_init")) {
            if (standard(arch).has(call)) {
                assertThat(standard(arch).call(call)).as(call).isEqualTo("EPERM");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void S_10_no_namespaces_and_no_mounts(Arch arch) {
        Filter filter = standard(arch);
        for (String call : List.of("mount", "umount2", "fsopen", "fsconfig", "fsmount", "fspick", "open_tree", "move_mount",
                "mount_setattr", "pivot_root", "setns", "unshare")) {
            assertThat(filter.call(call)).as(call).isEqualTo("EPERM");
        }
        assertThat(filter.call("open_tree_attr")).isEqualTo("ENOSYS");
        for (long flag : new long[] {0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000}) {
            assertThat(filter.call("clone", flag)).isEqualTo("EPERM");
            assertThat(filter.call("clone", flag | 17)).isEqualTo("EPERM");
            assertThat(filter.call("clone", flag | 0x3d0f00)).isEqualTo("EPERM");
            assertThat(filter.call("unshare", flag)).isEqualTo("EPERM");
        }
        assertThat(filter.call("unshare", NEW_TIME)).isEqualTo("EPERM");
        assertThat(filter.call("clone", 17)).isEqualTo("allow");
        assertThat(filter.call("clone", 0x4111)).isEqualTo("allow"); // vfork
    }

    @ParameterizedTest
    @EnumSource
    void S_12_handles_of_files_are_made_but_not_opened(Arch arch) {
        assertThat(standard(arch).call("name_to_handle_at")).isEqualTo("allow");
        assertThat(standard(arch).call("open_by_handle_at")).isEqualTo("EPERM");
    }

    @ParameterizedTest
    @EnumSource
    void S_13_a_container_may_debug_its_own_processes(Arch arch) {
        Filter filter = standard(arch);
        for (String call : List.of("ptrace", "process_vm_readv", "process_vm_writev", "pidfd_open", "pidfd_send_signal")) {
            assertThat(filter.call(call)).isEqualTo("allow");
        }
        for (String call : List.of("pidfd_getfd", "kcmp", "process_madvise")) {
            assertThat(filter.call(call)).isEqualTo("EPERM");
        }
        Filter strict = new Filter(SeccompProfile.strict(), arch, CapabilitySets.all());
        assertThat(strict.call("ptrace")).isEqualTo("EPERM");
    }

    @ParameterizedTest
    @EnumSource
    void S_15_socket_families_are_a_list(Arch arch) {
        Filter filter = standard(arch);
        Filter docker = new Filter(SeccompProfile.dockerCompatible(), arch, CapabilitySets.standard());
        Filter strict = new Filter(SeccompProfile.strict(), arch, CapabilitySets.all());
        for (int family = 0; family < 47; family++) {
            boolean usual = family == 1 || family == 2 || family == 10 || family == 16;
            assertThat(filter.call("socket", family, 1, 0)).isEqualTo(usual ? "allow" : "EAFNOSUPPORT");
            assertThat(filter.call("socketpair", family, 1, 0)).isEqualTo(family == 1 ? "allow" : "EAFNOSUPPORT");
            assertThat(docker.call("socket", family)).isEqualTo(family == 38 || family == 40 ? "EPERM" : "allow");
            assertThat(strict.call("socket", family)).isEqualTo(family == 1 ? "allow" : "EAFNOSUPPORT");
        }
        for (int protocol = 0; protocol < 23; protocol++) {
            boolean usual = protocol == 0 || protocol == 4 || protocol == 15 || protocol == 16;
            assertThat(filter.call("socket", 16, 3, protocol)).isEqualTo(usual ? "allow" : "EPROTONOSUPPORT");
            assertThat(standard(arch, Capability.NET_ADMIN).call("socket", 16, 3, protocol)).isEqualTo("allow");
        }
        assertThat(standard(arch, Capability.NET_RAW).call("socket", 17, 3, 768)).isEqualTo("allow");
    }

    @ParameterizedTest
    @EnumSource
    void S_16_nothing_is_typed_into_a_terminal(Arch arch) {
        for (String name : List.of("standard", "strict")) {
            Filter filter = new Filter(SeccompProfile.parse(name), arch, CapabilitySets.standard());
            assertThat(filter.call("ioctl", 0, 0x5412)).isEqualTo("EPERM");
            assertThat(filter.call("ioctl", 0, 0x541c)).isEqualTo("EPERM");
            assertThat(filter.call("ioctl", 0, 0x5412 | 1L << 32)).isEqualTo("EPERM");
            assertThat(filter.call("ioctl", 0, 0x5413)).isEqualTo("allow");
        }
    }

    @ParameterizedTest
    @EnumSource
    void S_17_personalities_are_five(Arch arch) {
        List<Long> allowed = List.of(0L, 8L, 0x20000L, 0x20008L, 0xffffffffL, -1L);
        for (long value : new long[] {0, 8, 0x20000, 0x20008, 0xffffffffL, -1, 1, 0x40000, 0x400000, 0x40008, 0x20009}) {
            assertThat(standard(arch).call("personality", value)).isEqualTo(allowed.contains(value) ? "allow" : "EPERM");
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_strict_container_makes_files_and_pipes_but_no_devices(Arch arch) {
        Filter strict = new Filter(SeccompProfile.strict(), arch, CapabilitySets.all());
        assertThat(strict.call("mknodat", 0, 0, 0010644)).isEqualTo("allow");
        assertThat(strict.call("mknodat", 0, 0, 0644)).isEqualTo("allow");
        assertThat(strict.call("mknodat", 0, 0, 0x70000 | 0100644)).isEqualTo("allow");
        for (long type : new long[] {0020000, 0060000, 0140000, 0xffff0000L | 0060000}) {
            assertThat(strict.call("mknodat", 0, 0, type | 0644)).isEqualTo("EPERM");
        }
        for (String call : List.of("setuid", "setgroups", "capset", "mq_open", "shmget", "memfd_secret", "chroot", "mount")) {
            assertThat(strict.call(call)).isEqualTo("EPERM");
        }
    }

    @Test
    void the_last_rule_that_matches_decides() {
        SeccompProfile profile = SeccompProfile.standard()
                .with(SeccompRule.of(SeccompAction.errno(Errno.EIO), "openat"))
                .with(SeccompRule.allow("openat").when(SeccompCondition.equal(2, 0)))
                .with(SeccompRule.allow("keyctl"));
        Filter filter = new Filter(profile, Arch.X86_64, CapabilitySets.standard());
        assertThat(filter.call("openat", 0, 0, 0)).isEqualTo("allow");
        assertThat(filter.call("openat", 0, 0, 1)).isEqualTo("EIO");
        assertThat(filter.call("keyctl")).isEqualTo("allow");
    }

    @Test
    void a_profile_says_whether_a_call_may_be_made_at_all() {
        SeccompTarget target = new SeccompTarget(Arch.X86_64, 0, 6, 1);
        assertThat(SeccompProfile.standard().mayAllow("execve", target)).isTrue();
        assertThat(SeccompProfile.standard().mayAllow("socket", target)).isTrue();
        assertThat(SeccompProfile.standard().mayAllow("keyctl", target)).isFalse();
        assertThat(SeccompProfile.standard().mayAllow("nonsense", target)).isFalse();
        SeccompProfile asks = SeccompProfile.denying(SeccompAction.USER_NOTIFY);
        assertThat(asks.mayAllow("execve", target)).isTrue();
        assertThat(SeccompProfile.denying(SeccompAction.KILL_PROCESS).mayAllow("execve", target)).isFalse();
    }

    @Test
    void only_a_profile_that_allows_everything_is_unconfined() {
        assertThat(SeccompProfile.unconfined().isUnconfined()).isTrue();
        assertThat(SeccompProfile.unconfined().unknownCalls(SeccompAction.LOG).isUnconfined()).isFalse();
        assertThat(SeccompProfile.unconfined().foreignCalls(SeccompAction.LOG).isUnconfined()).isFalse();
        assertThat(SeccompProfile.standard().isUnconfined()).isFalse();
        SeccompProfile one = SeccompProfile.unconfined().with(SeccompRule.of(SeccompAction.LOG, "execve"));
        assertThat(one.isUnconfined()).isFalse();
    }

    @Test
    void equal_inputs_give_equal_programs_and_nobody_can_change_them() {
        SeccompTarget target = new SeccompTarget(Arch.X86_64, CapabilitySets.standard().bounding(), 6, 1);
        byte[] program = SeccompProfile.standard().compile(target);
        assertThat(SeccompProfile.standard().translate(target)).isEqualTo(program);
        program[0]++;
        assertThat(SeccompProfile.standard().compile(target)).isNotEqualTo(program);
    }

    @Test
    void profiles_are_known_by_their_names() {
        for (String name : List.of("standard", "docker", "strict", "unconfined")) {
            assertThat(SeccompProfile.parse(name)).hasToString(name);
        }
        assertThatIllegalArgumentException().isThrownBy(() -> SeccompProfile.parse("loose"))
                .withMessageContaining("unknown seccomp profile 'loose'");
    }
}
