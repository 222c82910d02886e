// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dolium.cgroup.DeviceRule;
import org.dolium.cgroup.device.Requests.Request;
import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.linux.ErrnoException;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Lists of devices in the files of cgroup v1: real processes in a group open real nodes.
@Tag("kernel")
@Tag("root")
@Tag("cgroup-v1")
@ExtendWith(LeakCheck.class)
class LegacyLimitTest {
    @TempDir
    Path scratch;

    private static List<DeviceRule> rules(String... texts) {
        return List.of(texts).stream().map(DeviceRule::parse).toList();
    }

    private static void apply(DeviceGroup group, List<DeviceRule> rules) throws Exception {
        try (CgroupDirectory directory = CgroupDirectory.open(group.directory().toString())) {
            LegacyDevices.apply(directory, rules);
        }
    }

    private static String list(DeviceGroup group) throws Exception {
        return Files.readString(group.directory().resolve("devices.list"));
    }

    @Test
    void S_21_a_device_that_is_not_listed_can_not_be_opened_and_without_the_list_it_can() throws Exception {
        try (DeviceGroup group = DeviceGroup.legacy()) {
            assertThat(group.opens("w", "/dev/full")).isTrue();
            assertThat(group.opens("w", "/dev/zero")).isTrue();
            apply(group, rules("c 1:5 r"));
            assertThat(group.opens("r", "/dev/zero")).isTrue();
            assertThat(group.opens("w", "/dev/zero")).isFalse();
            assertThat(group.opens("rw", "/dev/zero")).isFalse();
            assertThat(group.opens("w", "/dev/full")).isFalse();
        }
    }

    /// The kernel reads a line of type a as "everything".
    @Test
    void a_rule_about_all_kinds_allows_its_numbers_only() throws Exception {
        try (DeviceGroup group = DeviceGroup.legacy()) {
            apply(group, rules("a 1:5 r"));
            assertThat(list(group)).isEqualTo("c 1:5 r\nb 1:5 r\n");
            assertThat(group.opens("r", "/dev/full")).isFalse();
            assertThat(group.opens("r", "/dev/zero")).isTrue();
        }
    }

    @Test
    void the_standard_list_allows_the_nodes_of_a_container_and_no_others() throws Exception {
        String node = scratch.resolve("node").toString();
        try (DeviceGroup group = DeviceGroup.legacy()) {
            assertThat(group.makes(node, "b", 8, 0)).isTrue();
            assertThat(group.opens("r", "/dev/kmsg")).isTrue();
            apply(group, DeviceRule.standard());
            for (String name : new String[] {"null", "zero", "full", "random", "urandom"}) {
                assertThat(group.opens("rw", "/dev/" + name)).as(name).isTrue();
            }
            assertThat(group.makes(node, "c", 1, 3)).isTrue();
            assertThat(group.opens("r", "/dev/kmsg")).isFalse();
            assertThat(group.makes(node, "b", 8, 0)).isFalse();
            assertThat(group.makes(node, "c", 10, 200)).isFalse();
        }
    }

    /// At work: the common device opens all the time, and what neither list has never does.
    @Test
    void an_update_interrupts_nothing_that_both_lists_allow() throws Exception {
        try (DeviceGroup group = DeviceGroup.legacy()) {
            apply(group, rules("c 1:3 rw", "c 1:5 r"));
            group.startCounting("/dev/zero", 30_000);
            for (int i = 0; group.stillCounting(); i++) {
                apply(group, i % 2 == 0 ? rules("c 1:5 r", "c 1:8 r") : rules("c 1:3 rw", "c 1:5 r"));
            }
            assertThat(group.counted()).isEqualTo(30_000);
            group.startCounting("/dev/full", 10_000);
            for (int i = 0; group.stillCounting(); i++) {
                apply(group, i % 2 == 0 ? rules("c 1:* w") : rules("c 1:3 rw"));
            }
            assertThat(group.counted()).isZero();
        }
    }

    /// A container may have groups below its own, and the kernel refuses "deny everything" then.
    @Test
    void an_update_reaches_groups_below() throws Exception {
        try (DeviceGroup group = DeviceGroup.legacy()) {
            apply(group, rules("c 1:5 r", "c 1:7 r"));
            try (DeviceGroup below = group.below()) {
                assertThat(below.opens("r", "/dev/full")).isTrue();
                apply(group, rules("c 1:5 r"));
                assertThat(below.opens("r", "/dev/full")).isFalse();
                assertThat(below.opens("r", "/dev/zero")).isTrue();
            }
        }
    }

    @Test
    void what_the_group_above_denies_can_not_be_allowed_and_the_error_says_so() throws Exception {
        try (DeviceGroup group = DeviceGroup.legacy()) {
            apply(group, rules("c 1:5 r"));
            try (DeviceGroup below = group.below()) {
                assertThatExceptionOfType(ErrnoException.class)
                        .isThrownBy(() -> apply(below, rules("c 1:7 r")))
                        .withMessageContaining("devices.allow, \"c 1:7 r\", 7) = -1 EPERM")
                        .withMessageContaining("can't allow a device that the one above it does not");
                assertThat(below.opens("r", "/dev/full")).isFalse();
                assertThat(below.opens("r", "/dev/zero")).isFalse();
            }
        }
    }

    @Test
    void a_group_that_may_use_everything_and_has_others_below_is_refused() throws Exception {
        try (DeviceGroup group = DeviceGroup.legacy();
                DeviceGroup below = group.below()) {
            assertThatExceptionOfType(ErrnoException.class)
                    .isThrownBy(() -> apply(group, rules("c 1:7 r")))
                    .withMessageContaining("has cgroups below it can't be given a list");
            assertThat(below.opens("r", "/dev/full")).isTrue();
        }
    }

    @Test
    void the_kernel_decides_as_the_list_says() throws Exception {
        DeviceNodes nodes = new DeviceNodes(scratch);
        try (DeviceGroup group = DeviceGroup.legacy()) {
            apply(group, List.of());
            for (List<DeviceRule> rules : DeviceNodes.samples(Requests.lists(), 40)) {
                apply(group, rules);
                List<Request> requests = DeviceNodes.somePossible(12);
                assertThat(nodes.differences(group, rules, requests)).as("%s", rules).isEmpty();
            }
        }
    }
}
