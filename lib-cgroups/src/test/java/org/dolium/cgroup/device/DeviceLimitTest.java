// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.DeviceRule;
import org.dolium.cgroup.device.Requests.Request;
import org.dolium.kernel.Fd;
import org.dolium.linux.ErrnoException;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.dolium.testing.Slow;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Device programs in the kernel: real processes in a group open real nodes.
@Tag("kernel")
@Tag("root")
@ExtendWith(LeakCheck.class)
class DeviceLimitTest {
    private static final int O_PATH = 010000000;

    @TempDir
    Path scratch;

    private static List<DeviceRule> rules(String... texts) {
        return List.of(texts).stream().map(DeviceRule::parse).toList();
    }

    private static Fd open(DeviceGroup group) throws ErrnoException {
        return Fd.open(group.directory().toString(), O_PATH, 0);
    }

    @Test
    void S_21_a_device_that_is_not_listed_can_not_be_opened_and_without_the_list_it_can() throws Exception {
        try (DeviceGroup group = DeviceGroup.unified();
                Fd directory = open(group)) {
            assertThat(group.opens("r", "/dev/zero")).isTrue();
            assertThat(group.opens("w", "/dev/full")).isTrue();
            try (AttachedProgram program = AttachedProgram.attach(directory, rules("c 1:5 r"))) {
                assertThat(group.opens("r", "/dev/zero")).isTrue();
                assertThat(group.opens("w", "/dev/zero")).isFalse();
                assertThat(group.opens("rw", "/dev/zero")).isFalse();
                assertThat(group.opens("r", "/dev/full")).isFalse();
                assertThat(group.opens("w", "/dev/full")).isFalse();
                program.detach(directory);
            }
            assertThat(group.opens("w", "/dev/zero")).isTrue();
            assertThat(group.opens("w", "/dev/full")).isTrue();
        }
    }

    @Test
    void the_standard_list_allows_the_nodes_of_a_container_and_no_others() throws Exception {
        String node = scratch.resolve("node").toString();
        try (DeviceGroup group = DeviceGroup.unified();
                Fd directory = open(group)) {
            assertThat(group.makes(node, "b", 8, 0)).isTrue();
            assertThat(group.opens("r", "/dev/kmsg")).isTrue();
            AttachedProgram.attach(directory, DeviceRule.standard()).close();
            for (String name : new String[] {"null", "zero", "full", "random", "urandom"}) {
                assertThat(group.opens("rw", "/dev/" + name)).as(name).isTrue();
            }
            assertThat(group.makes(node, "c", 1, 3)).isTrue();
            assertThat(group.opens("r", "/dev/kmsg")).isFalse();
            assertThat(group.makes(node, "b", 8, 0)).isFalse();
            assertThat(group.makes(node, "c", 1, 1)).isFalse();
            assertThat(group.makes(node, "c", 10, 200)).isFalse();
            assertThat(group.makes(node, "c", 10, 229)).isFalse();
        }
    }

    @Test
    void a_list_outlives_the_object_that_made_it_and_ends_with_its_directory() throws Exception {
        int id;
        try (DeviceGroup group = DeviceGroup.unified();
                Fd directory = open(group)) {
            AttachedProgram program = AttachedProgram.attach(directory, List.of());
            id = Programs.id(program.program());
            program.close();
            program.close();
            assertThat(group.opens("r", "/dev/zero")).isFalse();
            assertThat(Programs.exists(id)).isTrue();
        }
        assertThat(Programs.goes(id)).isTrue();
    }

    @Test
    void another_list_takes_the_place_of_the_first() throws Exception {
        try (DeviceGroup group = DeviceGroup.unified();
                Fd directory = open(group);
                AttachedProgram program = AttachedProgram.attach(directory, rules("c 1:5 r"))) {
            int first = Programs.id(program.program());
            program.replace(directory, rules("c 1:7 r"));
            assertThat(group.opens("r", "/dev/zero")).isFalse();
            assertThat(group.opens("r", "/dev/full")).isTrue();
            assertThat(Programs.attached(directory)).containsExactly(Programs.id(program.program()));
            assertThat(Programs.goes(first)).isTrue();
        }
    }

    /// The process tries all the time; it must succeed exactly when there is no list.
    @Test
    void S_21_while_lists_are_exchanged_there_is_no_moment_without_one() throws Exception {
        try (DeviceGroup group = DeviceGroup.unified();
                Fd directory = open(group);
                AttachedProgram program = AttachedProgram.attach(directory, rules("c 1:3 rw"))) {
            int exchanges = 0;
            for (int round = 0; round == 0 || exchanges <= 50 && round < 20; round++) {
                group.startCounting("/dev/zero", 100_000 / Slow.FACTOR);
                while (group.stillCounting()) {
                    program.replace(directory, rules(exchanges++ % 2 == 0 ? "c 1:7 rw" : "c 1:3 rw"));
                }
                assertThat(group.counted()).isZero();
            }
            assertThat(exchanges).isGreaterThan(50);
            program.detach(directory);
            group.startCounting("/dev/zero", 100);
            assertThat(group.counted()).isEqualTo(100);
        }
    }

    /// As on a kernel that can't exchange: while both are there, only what both allow is allowed.
    @Test
    void where_the_kernel_can_not_exchange_the_new_list_comes_before_the_old_one_goes() throws Exception {
        try (DeviceGroup group = DeviceGroup.unified();
                Fd directory = open(group);
                AttachedProgram program = AttachedProgram.attach(directory, rules("c 1:3 rw", "c 1:5 rw"));
                Fd next = Bpf.load(DeviceProgram.compile(rules("c 1:5 rw", "c 1:7 rw")).bytes())) {
            Bpf.attach(directory, next, null);
            assertThat(group.opens("r", "/dev/zero")).isTrue();
            assertThat(group.opens("r", "/dev/full")).isFalse();
            assertThat(group.opens("r", "/dev/null")).isFalse();
            Bpf.detach(directory, next);
            program.exchangeByTwo(directory, next);
            assertThat(group.opens("r", "/dev/zero")).isTrue();
            assertThat(group.opens("r", "/dev/full")).isTrue();
            assertThat(group.opens("r", "/dev/null")).isFalse();
            assertThat(Programs.attached(directory)).containsExactly(Programs.id(next));
        }
    }

    @Test
    void groups_below_are_held_to_the_list_and_can_only_narrow_it() throws Exception {
        try (DeviceGroup group = DeviceGroup.unified();
                DeviceGroup below = group.below();
                Fd directory = open(group);
                Fd directoryBelow = open(below);
                AttachedProgram program = AttachedProgram.attach(directory, rules("c 1:5 r", "c 1:3 r"));
                AttachedProgram inner = AttachedProgram.attach(directoryBelow, rules("c 1:5 r", "c 1:7 r"))) {
            assertThat(below.opens("r", "/dev/zero")).isTrue();
            assertThat(below.opens("r", "/dev/null")).isFalse();
            assertThat(below.opens("r", "/dev/full")).isFalse();
            assertThat(group.opens("r", "/dev/null")).isTrue();
            inner.detach(directoryBelow);
            assertThat(below.opens("r", "/dev/null")).isTrue();
            assertThat(below.opens("r", "/dev/full")).isFalse();
            program.replace(directory, List.of());
            assertThat(below.opens("r", "/dev/null")).isFalse();
        }
    }

    /// The program, its verifier and the kernel's calls of it, against what a list means.
    @Test
    void the_kernel_decides_as_the_list_says() throws Exception {
        DeviceNodes nodes = new DeviceNodes(scratch);
        try (DeviceGroup group = DeviceGroup.unified();
                Fd directory = open(group);
                AttachedProgram program = AttachedProgram.attach(directory, List.of())) {
            for (List<DeviceRule> rules : DeviceNodes.samples(Requests.lists(), 40)) {
                program.replace(directory, rules);
                List<Request> requests = DeviceNodes.somePossible(12);
                assertThat(nodes.differences(group, rules, requests)).as("%s", rules).isEmpty();
            }
        }
    }

    @Test
    void the_longest_list_is_accepted_and_its_last_rule_counts() throws Exception {
        List<DeviceRule> rules = new ArrayList<>(DeviceProgramTest.different(449));
        rules.addAll(rules("c 1:5 r"));
        try (DeviceGroup group = DeviceGroup.unified();
                Fd directory = open(group);
                AttachedProgram program = AttachedProgram.attach(directory, rules)) {
            assertThat(group.opens("r", "/dev/zero")).isTrue();
            assertThat(group.opens("w", "/dev/zero")).isFalse();
            program.detach(directory);
        }
    }

    /// The exit alone: its result was never written.
    @Test
    void what_the_verifier_says_is_part_of_the_error() {
        MustRun.root();
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> Bpf.load(new byte[] {(byte) 0x95, 0, 0, 0, 0, 0, 0, 0}))
                .withMessageContaining("bpf(BPF_PROG_LOAD, {BPF_PROG_TYPE_CGROUP_DEVICE, insn_cnt=1}) = -1 EACCES")
                .withMessageContaining("verifier: ")
                .withMessageContaining("R0 !read_ok");
    }

    @Test
    void a_directory_that_is_none_of_cgroup2_is_refused_with_the_reason() throws Exception {
        MustRun.root();
        try (Fd directory = Fd.open(scratch.toString(), O_PATH, 0)) {
            assertThatThrownBy(() -> AttachedProgram.attach(directory, List.of()))
                    .hasMessageContaining("bpf(BPF_PROG_ATTACH, {BPF_CGROUP_DEVICE, BPF_F_ALLOW_MULTI}) = -1 EBADF")
                    .hasMessageContaining("not a directory of a cgroup2 file system");
        }
    }

    @Test
    void S_21_a_list_that_can_not_be_replaced_stays() throws Exception {
        try (DeviceGroup group = DeviceGroup.unified();
                Fd directory = open(group);
                Fd elsewhere = Fd.open(scratch.toString(), O_PATH, 0);
                AttachedProgram program = AttachedProgram.attach(directory, rules("c 1:5 r"))) {
            assertThatThrownBy(() -> program.replace(elsewhere, List.of())).isInstanceOf(IOException.class);
            assertThat(group.opens("r", "/dev/zero")).isTrue();
            assertThat(group.opens("r", "/dev/full")).isFalse();
            program.replace(directory, List.of());
            assertThat(group.opens("r", "/dev/zero")).isFalse();
        }
    }

    @Test
    void many_groups_leave_no_program_behind() throws Exception {
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            try (DeviceGroup group = DeviceGroup.unified();
                    Fd directory = open(group);
                    AttachedProgram program = AttachedProgram.attach(directory, DeviceRule.standard())) {
                ids.add(Programs.id(program.program()));
            }
        }
        for (int id : ids) {
            assertThat(Programs.goes(id)).as("program %d", id).isTrue();
        }
        assertThat(Files.list(scratch)).isEmpty();
    }
}
