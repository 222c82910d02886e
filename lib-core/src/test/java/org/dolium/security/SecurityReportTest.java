// SPDX-License-Identifier: Apache-2.0
package org.dolium.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.dolium.capability.Capability;
import org.dolium.namespace.NamespaceKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Reports of texts as the kernel writes them: what a good container has, and each weaker variant of it.
class SecurityReportTest {
    private static final String STATUS = """
            Name:	sleep\\nSeccomp:	0
            State:	S (sleeping)
            TracerPid:	0
            Uid:	100000	100000	100000	100000
            Gid:	100000	100000	100000	100000
            Groups:	100000 100050\s
            NSpid:	4711	1
            CapInh:	0000000000000000
            CapPrm:	00000000800405fb
            CapEff:	00000000800405fb
            CapBnd:	00000000800405fb
            CapAmb:	0000000000000000
            NoNewPrivs:	1
            Seccomp:	2
            Seccomp_filters:	1
            """;
    private static final String MOUNTS = """
            90 80 0:50 / / rw,nosuid,nodev,relatime - overlay overlay rw,lowerdir=/x
            91 90 0:51 / /proc rw,nosuid,nodev,noexec - proc proc rw
            92 91 0:51 /sys /proc/sys ro,nosuid,nodev,noexec - proc proc rw
            93 91 0:52 /null /proc/kcore rw,nosuid,noexec - tmpfs tmpfs rw,size=64k
            94 90 0:53 / /sys ro,nosuid,nodev,noexec - sysfs sysfs rw
            95 94 0:54 / /sys/firmware ro,nosuid,nodev,noexec - tmpfs tmpfs ro,size=4k,nr_inodes=2
            96 90 0:52 / /dev rw,nosuid,noexec - tmpfs tmpfs rw,size=64k
            """;
    private static final String HOST_MOUNTS = "27 1 254:0 / / rw shared:1 - ext4 /dev/vda rw\n";
    private static final String LIMITS = """
            Limit                     Soft Limit           Hard Limit           Units
            Max core file size        0                    unlimited            bytes
            """;
    private static final long[] OWN = {1, 2, 3, 4, 5, 6, 7, 8};
    private static final CgroupState GROUP = new CgroupState("/dolium-1/c1", 1 << 26, 0, 4096, 1.5);
    private static final List<String> DEVICES = List.of("null c 1:3", "tty c 5:0");

    private static SecurityReport report(String status, String mounts, List<String> devices, CgroupState group, int shared) {
        long[] namespaces = {11, 12, 13, 14, 15, 16, 17, 8};
        if (shared >= 0) {
            namespaces[shared] = OWN[shared];
        }
        return new SecurityReport(new Evidence(
                4711, status, "0 100000 65536\n", "0 100000 65536\n", mounts, false, LIMITS, "300\n", "dolium (enforce)\n",
                namespaces, OWN, new long[8], HOST_MOUNTS, group, true, "all", devices,
                List.of("/proc/kcore", "/proc/sys", "/sys/firmware")));
    }

    private static List<String> weaknesses(SecurityReport report) {
        return report.weaknesses().stream().map(Weakness::what).toList();
    }

    @Test
    void a_container_that_has_everything_is_weaker_in_nothing() {
        SecurityReport report = report(STATUS, MOUNTS, DEVICES, GROUP, -1);
        assertThat(report.weaknesses()).isEmpty();
        assertThat(report.isContainer()).isTrue();
        assertThat(report.uids()).containsExactly(100_000L, 100_000L, 100_000L, 100_000L);
        assertThat(report.innerUid()).isZero();
        assertThat(report.groups()).containsExactly(100_000L, 100_050L);
        assertThat(report.noNewPrivileges()).isTrue();
        assertThat(report.systemCallFilters()).isEqualTo(1);
        assertThat(report.effectiveCapabilities()).hasSize(11).contains(Capability.CHOWN, Capability.SETFCAP);
        assertThat(report.maskedPaths()).containsExactly("/proc/kcore", "/sys/firmware");
        assertThat(report.readOnlyPaths()).containsExactly("/proc/sys", "/sys");
        assertThat(report.label()).contains("dolium (enforce)");
        assertThat(report.oomScoreAdjustment()).isEqualTo(300);
        assertThat(report.report()).contains("1 filter\n", "weaker than usual in nothing\n", "memory          67108864, swap 0");
    }

    static List<List<String>> weaker() {
        return List.of(
                List.of("NoNewPrivs:\t1", "NoNewPrivs:\t0", "no_new_privs is off"),
                List.of("\nSeccomp:\t2", "\nSeccomp:\t0", "seccomp off"),
                List.of("CapBnd:\t00000000800405fb", "CapBnd:\t00000000802405fb", "CAP_SYS_ADMIN granted"),
                List.of("CapPrm:\t00000000800405fb", "CapPrm:\t00000000800405ff", "CAP_DAC_READ_SEARCH granted"),
                List.of("CapBnd:\t00000000800405fb", "CapBnd:\t10000000800405fb", "unknown capabilities granted"),
                List.of("CapAmb:\t0000000000000000", "CapAmb:\t0000000000000001", "inheritable or ambient capabilities"),
                List.of("TracerPid:\t0", "TracerPid:\t12", "it is traced by process 12"));
    }

    @ParameterizedTest
    @MethodSource("weaker")
    void a_weaker_status_is_told(List<String> change) {
        String status = STATUS.replace(change.get(0), change.get(1));
        assertThat(status).isNotEqualTo(STATUS);
        assertThat(weaknesses(report(status, MOUNTS, DEVICES, GROUP, -1))).containsExactly(change.get(2));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "/null /proc/kcore|/null /proc/other|/proc/kcore can be read",
        "/sys /proc/sys ro|/sys /proc/sys rw|/proc/sys can be written",
        "/ /sys/firmware|/ /sys/other|/sys/firmware can be read",
        "/ /sys ro|/ /sys rw|/sys can be written (sysfs)",
        "rw,nosuid,nodev,relatime -|rw,nosuid,nodev,relatime shared:1 -|/ is shared with the host",
        "rw,nosuid,nodev,relatime -|rw,nosuid,nodev,relatime master:1 -|/ follows the host"
    })
    void a_weaker_mount_table_is_told(String strong, String weak, String told) {
        String mounts = MOUNTS.replace(strong, weak);
        assertThat(mounts).isNotEqualTo(MOUNTS);
        assertThat(weaknesses(report(STATUS, mounts, DEVICES, GROUP, -1))).containsExactly(told);
    }

    @Test
    void mounts_that_only_the_container_has_in_common_are_no_weakness() {
        String mounts = MOUNTS.replace("rw,nosuid,nodev,relatime -", "rw,nosuid,nodev,relatime shared:99 -");
        assertThat(report(STATUS, mounts, DEVICES, GROUP, -1).weaknesses()).isEmpty();
    }

    /// A container that may mount covers a mask with what it likes: the last mount counts.
    @Test
    void what_was_mounted_over_a_path_counts() {
        String over = MOUNTS + "99 92 0:51 /sys /proc/sys rw - proc proc rw\n";
        assertThat(weaknesses(report(STATUS, over, DEVICES, GROUP, -1))).containsExactly("/proc/sys can be written");
    }

    @Test
    void each_shared_namespace_is_told() {
        for (NamespaceKind kind : NamespaceKind.values()) {
            SecurityReport report = report(STATUS, MOUNTS, DEVICES, GROUP, kind.ordinal());
            List<String> told = kind == NamespaceKind.TIME
                    ? List.of()
                    : List.of("shares the host's " + (kind == NamespaceKind.NET ? "network" : kind.name().toLowerCase())
                            + " namespace");
            assertThat(weaknesses(report)).isEqualTo(told);
            assertThat(report.isContainer()).isTrue();
        }
    }

    @Test
    void devices_and_limits_that_are_missing_or_too_many_are_told() {
        assertThat(weaknesses(report(STATUS, MOUNTS, List.of("null c 1:5", "sda b 8:0"), GROUP, -1)))
                .containsExactly("the device null c 1:5 in /dev", "the device sda b 8:0 in /dev");
        assertThat(weaknesses(report(STATUS, MOUNTS, null, GROUP, -1)))
                .containsExactly("/dev is not a memory file system of its own");
        assertThat(weaknesses(report(STATUS, MOUNTS, DEVICES, new CgroupState("/", -1, -1, -1, -1), -1)))
                .containsExactly("no limit of processes");
        assertThat(weaknesses(report(STATUS, MOUNTS, DEVICES, null, -1))).containsExactly("no cgroup of its own");
    }

    @Test
    void a_list_of_devices_is_missed_where_devices_can_be_made() {
        String maker = STATUS.replace("CapBnd:\t00000000800405fb", "CapBnd:\t00000000880405fb");
        assertThat(weaknesses(report(maker, MOUNTS, DEVICES, GROUP, NamespaceKind.USER.ordinal()))).contains("no list of devices");
        assertThat(weaknesses(report(maker, MOUNTS, DEVICES, GROUP, -1))).doesNotContain("no list of devices");
    }

    @Test
    void what_the_kernel_tells_nobody_is_said_to_be_asked_for_only() {
        SecurityReport report = report(STATUS, MOUNTS, DEVICES, GROUP, -1);
        assertThat(report.askedFor()).isEmpty();
        assertThat(report.report()).contains("Landlock          not readable").contains("session keyring   not readable")
                .contains("  devices         all\n").doesNotContain("asked for");
        assertThat(report.withAskedFor(List.of("Landlock ro \"/\"")).report())
                .contains("asked for         Landlock ro \"/\" (can't be read back)\n");
    }

    @Test
    void a_process_with_the_hosts_namespaces_is_no_container() {
        SecurityReport report = new SecurityReport(new Evidence(
                1, STATUS, "", "", MOUNTS, false, LIMITS, "0", null, OWN, OWN, OWN, HOST_MOUNTS, GROUP, false, null, null, List.of()));
        assertThat(report.isContainer()).isFalse();
        assertThat(report.report()).startsWith("process 1 (no container)\n");
    }

    @Test
    void a_namespace_that_is_process_1s_is_shared_also_when_the_reader_has_another() {
        SecurityReport report = new SecurityReport(new Evidence(
                4711, STATUS, "", "", MOUNTS, false, LIMITS, "0", null, new long[] {11, 12, 13, 14, 15, 16, 17, 18}, OWN,
                new long[] {0, 0, 0, 0, 0, 0, 17, 0}, HOST_MOUNTS, GROUP, true, null, DEVICES, List.of()));
        assertThat(report.isPrivate(NamespaceKind.NET)).isFalse();
        assertThat(report.isPrivate(NamespaceKind.MOUNT)).isTrue();
    }
}
