// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import org.dolium.capability.Capability;
import org.dolium.cgroup.CgroupPlacement;
import org.dolium.cgroup.Limit;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.security.SecurityReport;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// [InspectionTest], for what only root can switch off.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class PrivilegedInspectionTest extends SecurityRows {
    @BeforeEach
    void root_user() {
        MustRun.root();
    }

    private ContainerBuilder waiting(Mode mode) {
        return tiny(mode, "echo; cat");
    }

    @Test
    void shared_processes_and_missing_limits_are_told() throws Exception {
        SecurityReport usual = InspectionTest.report(waiting(Mode.R));
        assertThat(usual.cgroup().orElseThrow().processes()).isEqualTo(4096);
        assertThat(InspectionTest.told(usual)).doesNotContain("no cgroup of its own", "no limit of processes");
        assertThat(InspectionTest.told(InspectionTest.report(waiting(Mode.R).namespace(NamespaceKind.PID, NamespaceMode.host()))))
                .contains("shares the host's pid namespace");
        assertThat(InspectionTest.told(InspectionTest.report(waiting(Mode.R).pids(Limit.UNLIMITED)))).contains("no limit of processes");
        assertThat(InspectionTest.told(InspectionTest.report(waiting(Mode.R).cgroup(CgroupPlacement.none())))).contains("no cgroup of its own");
        assertThat(InspectionTest.report(waiting(Mode.R).memory(MemorySize.mebibytes(64)).cpus(0.5)).cgroup().orElseThrow())
                .matches(group -> group.memoryBytes() == 64 << 20 && group.cpus() == 0.5 && group.path().contains("dolium-"));
    }

    /// As rules with cgroup v1, as a number of programs with v2.
    @Test
    void the_list_of_devices_is_read_back() throws Exception {
        String usual = InspectionTest.report(waiting(Mode.R)).deviceList().orElseThrow();
        SecurityReport limited = InspectionTest.report(waiting(Mode.R).addCapabilities(Capability.MKNOD));
        assertThat(limited.deviceList().orElseThrow()).containsPattern("c 1:3 rwm|programs? decides?").isNotEqualTo(usual);
        assertThat(InspectionTest.told(limited)).contains("CAP_MKNOD granted").doesNotContain("no list of devices");
        SecurityReport open = InspectionTest.report(waiting(Mode.R).addCapabilities(Capability.MKNOD).cgroup(CgroupPlacement.none()));
        assertThat(InspectionTest.told(open).contains("no list of devices")).isEqualTo(usual.equals("all"));
    }

    @Test
    void ids_are_told_as_the_host_and_as_the_container_sees_them() throws Exception {
        SecurityReport mapped = InspectionTest.report(waiting(Mode.RU).user("1000:50"));
        assertThat(mapped.uids()).containsOnly(101_000L);
        assertThat(mapped.innerUid()).isEqualTo(1000);
        assertThat(mapped.gids()).containsOnly(100_050L);
        assertThat(mapped.uidMap().orElseThrow().outside(0)).isEqualTo(100_000);
        assertThat(mapped.effectiveCapabilities()).isEmpty();
        assertThat(InspectionTest.told(mapped)).doesNotContain("shares the host's user namespace");
    }

    @Test
    void what_a_plan_left_out_is_told_although_it_was_asked_for() throws Exception {
        ContainerBuilder builder = waiting(Mode.R);
        ContainerBuilder unfiltered = waiting(Mode.R).seccomp(SeccompProfile.unconfined()); // a filter needs no_new_privs
        assertThat(InspectionTest.told(InspectionTest.report(Variant.without(unfiltered, "prctl\\(PR_SET_NO_NEW_PRIVS.*"))))
                .contains("no_new_privs is off");
        assertThat(InspectionTest.told(InspectionTest.report(Variant.without(builder, "prctl\\(PR_CAPBSET_DROP, CAP_SYS_MODULE.*"))))
                .contains("CAP_SYS_MODULE granted");
    }
}
