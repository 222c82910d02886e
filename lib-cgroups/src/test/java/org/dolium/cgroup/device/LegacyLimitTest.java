// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dolium.cgroup.DeviceRule;
import org.dolium.cgroup.device.Requests.Request;
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

    private static void write(DeviceGroup group, List<DeviceWrite> writes) throws Exception {
        for (DeviceWrite write : writes) {
            group.write(write);
        }
    }

    private static String list(DeviceGroup group) throws Exception {
        return Files.readString(group.directory().resolve("devices.list"));
    }

    @Test
    void a_device_that_is_not_listed_can_not_be_opened_and_without_the_list_it_can() throws Exception {
        try (DeviceGroup group = DeviceGroup.legacy()) {
            assertThat(group.opens("w", "/dev/full")).isTrue();
            assertThat(group.opens("w", "/dev/zero")).isTrue();
            write(group, LegacyDevices.initial(rules("c 1:5 r")));
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
            write(group, LegacyDevices.initial(rules("a 1:5 r")));
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
            write(group, LegacyDevices.initial(DeviceRule.standard()));
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
            write(group, LegacyDevices.initial(rules("c 1:3 rw", "c 1:5 r")));
            group.startCounting("/dev/zero", 30_000);
            for (int i = 0; group.stillCounting(); i++) {
                write(group, LegacyDevices.update(
                        list(group), i % 2 == 0 ? rules("c 1:5 r", "c 1:8 r") : rules("c 1:3 rw", "c 1:5 r")));
            }
            assertThat(group.counted()).isEqualTo(30_000);
            group.startCounting("/dev/full", 10_000);
            for (int i = 0; group.stillCounting(); i++) {
                write(group, LegacyDevices.update(list(group), i % 2 == 0 ? rules("c 1:* w") : rules("c 1:3 rw")));
            }
            assertThat(group.counted()).isZero();
        }
    }

    /// A container may have groups below its own, and the kernel refuses "deny everything" then.
    @Test
    void an_update_reaches_groups_below() throws Exception {
        try (DeviceGroup group = DeviceGroup.legacy()) {
            write(group, LegacyDevices.initial(rules("c 1:5 r", "c 1:7 r")));
            try (DeviceGroup below = group.below()) {
                assertThat(below.opens("r", "/dev/full")).isTrue();
                write(group, LegacyDevices.update(list(group), rules("c 1:5 r")));
                assertThat(below.opens("r", "/dev/full")).isFalse();
                assertThat(below.opens("r", "/dev/zero")).isTrue();
            }
        }
    }

    @Test
    void the_kernel_decides_as_the_list_says() throws Exception {
        DeviceNodes nodes = new DeviceNodes(scratch);
        try (DeviceGroup group = DeviceGroup.legacy()) {
            write(group, LegacyDevices.initial(List.of()));
            for (List<DeviceRule> rules : DeviceNodes.samples(Requests.lists(), 40)) {
                write(group, LegacyDevices.update(list(group), rules));
                List<Request> requests = DeviceNodes.somePossible(12);
                assertThat(nodes.differences(group, rules, requests)).as("%s", rules).isEmpty();
            }
        }
    }
}
