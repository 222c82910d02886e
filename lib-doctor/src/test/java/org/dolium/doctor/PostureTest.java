// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.dolium.doctor.Finding.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Rows S-24 and J-10 of the security matrix: what is known of hosts that are not this one.
class PostureTest {
    private static final String GOOD = """
            /proc/sys/kernel/osrelease=6.18.40
            /sys/kernel/security/lsm=lockdown,capability,landlock,yama,apparmor
            /proc/self/mountinfo=31 29 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw
            /proc/sys/kernel/yama/ptrace_scope=1
            /proc/sys/fs/suid_dumpable=2
            /proc/sys/dev/tty/legacy_tiocsti=0
            /proc/sys/kernel/unprivileged_bpf_disabled=2
            /proc/sys/kernel/dmesg_restrict=1
            /proc/sys/kernel/kptr_restrict=1
            /proc/sys/kernel/io_uring_disabled=0
            /proc/sys/vm/memfd_noexec=0
            /proc/sys/user/max_user_namespaces=96000
            """;

    private static Map<String, String> files() {
        Map<String, String> files = new HashMap<>();
        GOOD.lines().forEach(line -> files.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1)));
        return files;
    }

    private static Finding finding(Map<String, String> files, String name) {
        return Posture.of(files).findings().stream().filter(finding -> finding.name().equals(name)).findFirst().orElseThrow();
    }

    private static Finding with(String path, String text, String name) {
        Map<String, String> files = files();
        files.put(path, text);
        return finding(files, name);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "5.14.21             | CVE-2022-0847 (Dirty Pipe), CVE-2026-31431 (Copy Fail), CVE-2026-46333",
        "5.15.24             | CVE-2022-0847 (Dirty Pipe), CVE-2026-31431 (Copy Fail), CVE-2026-46333",
        "5.15.25-generic     | CVE-2026-31431 (Copy Fail), CVE-2026-46333",
        "5.16.11             | CVE-2026-31431 (Copy Fail), CVE-2026-46333",
        "6.1.169             | CVE-2026-31431 (Copy Fail), CVE-2026-46333",
        "6.1.170-cloud-amd64 | CVE-2026-46333",
        "6.12.48+deb13-amd64 | CVE-2026-31431 (Copy Fail), CVE-2026-46333",
        "6.12.88             | CVE-2026-46333",
        "6.19.30             | CVE-2026-46333",
        "7.0                 | CVE-2026-46333",
        "7.0.7               | CVE-2026-46333",
    })
    void S_24_flaws_that_a_kernel_of_this_version_has_are_named(String release, String flaws) {
        Finding finding = with("/proc/sys/kernel/osrelease", release.trim(), "kernel");
        assertThat(finding.state()).isEqualTo(State.REDUCED);
        assertThat(finding.detail()).isEqualTo("Linux " + release.trim() + ", by its version with " + flaws);
        assertThat(finding.lost()).contains(flaws.split(", ")).contains(": ");
        assertThat(finding.remedy()).startsWith("boot the newest kernel");
    }

    @ParameterizedTest
    @CsvSource({"6.1.173", "6.12.89", "6.18.31", "7.0.8", "7.1", "10.0.1", "5.15.207"})
    void S_24_and_a_kernel_that_has_none_is_not_accused(String release) {
        assertThat(with("/proc/sys/kernel/osrelease", release, "kernel"))
                .isEqualTo(Finding.ok("kernel", "Linux " + release + ", none of the flaws that are looked for"));
    }

    @Test
    void S_24_a_version_that_can_not_be_read_is_no_good_one() {
        Map<String, String> files = files();
        files.remove("/proc/sys/kernel/osrelease");
        assertThat(finding(files, "kernel").state()).isEqualTo(State.REDUCED);
    }

    @Test
    void J_10_a_host_where_all_is_on_loses_nothing() {
        assertThat(Posture.of(files()).findings())
                .hasSize(12)
                .allMatch(finding -> finding.state() == State.OK && finding.remedy().isEmpty());
        assertThat(finding(files(), "security modules").detail()).isEqualTo("lockdown,capability,landlock,yama,apparmor");
        assertThat(finding(files(), "io_uring").detail()).isEqualTo("kernel.io_uring_disabled = 0");
        assertThat(finding(files(), "memory files").detail()).isEqualTo("vm.memfd_noexec = 0");
        assertThat(finding(files(), "user namespaces").detail()).isEqualTo("user.max_user_namespaces = 96000");
    }

    @ParameterizedTest
    @CsvSource({
        "ptrace, kernel.yama.ptrace_scope, 0, 1", "core dumps, fs.suid_dumpable, 1, 0", "terminals, dev.tty.legacy_tiocsti, 1, 0",
        "bpf, kernel.unprivileged_bpf_disabled, 0, 1", "kernel log, kernel.dmesg_restrict, 0, 1",
        "kernel addresses, kernel.kptr_restrict, 0, 1",
    })
    void J_10_a_protection_that_is_off_is_named_with_the_way_to_have_it(String name, String key, String weak, String better) {
        Finding finding = with("/proc/sys/" + key.replace('.', '/'), weak, name);
        assertThat(finding.state()).isEqualTo(State.REDUCED);
        assertThat(finding.detail()).isEqualTo(key + " = " + weak);
        assertThat(finding.lost()).isNotEmpty();
        assertThat(finding.remedy()).isEqualTo("sudo sysctl -w " + key + "=" + better);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "32 29 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw | v1",
        "1 2 0:1 / /a rw - cgroup cgroup rw 1 2 0:1 / /b rw - cgroup2 cgroup2 rw | v1 and v2",
        "1 2 0:1 / / rw - ext4 /dev/sda1 rw | none",
    })
    void J_10_cgroups(String mounts, String version) {
        assertThat(with("/proc/self/mountinfo", mounts, "cgroups").detail()).isEqualTo(version);
    }

    @Test
    void J_10_a_protection_that_the_kernel_has_not_protects_nothing() {
        assertThat(Posture.of(Map.of()).findings()).filteredOn(finding -> finding.state() != State.OK)
                .extracting(Finding::name).containsExactly("kernel", "ptrace", "terminals");
        assertThat(finding(Map.of(), "ptrace")).isEqualTo(Finding.reduced(
                "ptrace", "there is no kernel.yama.ptrace_scope", "processes of a user are traced by all his others",
                "boot with yama in the list of lsm="));
        assertThat(finding(Map.of(), "terminals").remedy()).isEqualTo("boot Linux 6.2 or newer");
        assertThat(finding(Map.of(), "bpf")).isEqualTo(Finding.ok("bpf", "there is no kernel.unprivileged_bpf_disabled"));
    }

    @Test
    void J_10_this_hosts_own_is_read() throws Exception {
        List<Finding> findings = Posture.read().findings();
        assertThat(findings.get(0).detail()).startsWith("Linux " + System.getProperty("os.version"));
        assertThat(Posture.read().report().lines()).allMatch(line -> line.length() <= 100).hasSizeGreaterThan(11);
    }
}
