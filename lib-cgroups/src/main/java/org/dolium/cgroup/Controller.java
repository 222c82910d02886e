// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup;

import org.jspecify.annotations.Nullable;

/// What a cgroup can limit, by the kernel's names; see cgroups(7).
public enum Controller {
    CPU("cpu", "cpu"),
    CPUSET("cpuset", "cpuset"),
    MEMORY("memory", "memory"),
    IO("io", "blkio"),
    PIDS("pids", "pids"),
    HUGETLB("hugetlb", "hugetlb"),
    RDMA("rdma", "rdma"),
    MISC("misc", "misc"),
    /// Memory of devices; not in cgroup v1.
    DMEM("dmem", ""),
    /// In cgroup v2 there is no controller for devices: an eBPF program decides.
    DEVICES("", "devices"),
    /// Accounting of processor time in cgroup v1; v2 has it in every cgroup.
    CPUACCT("", "cpuacct"),
    /// Freezing in cgroup v1; v2 has it in every cgroup.
    FREEZER("", "freezer");

    private final String unified;
    private final String legacy;

    Controller(String unified, String legacy) {
        this.unified = unified;
        this.legacy = legacy;
    }

    /// The name in `cgroup.controllers`, empty if cgroup v2 has no such controller.
    public String unified() {
        return unified;
    }

    /// The mount option of cgroup v1, empty if it has no such controller.
    public String legacy() {
        return legacy;
    }

    /// The controller with a name of cgroup v1, or null if it is not one that Dolium uses.
    public static @Nullable Controller ofLegacy(String name) {
        for (Controller controller : values()) {
            if (!name.isEmpty() && controller.legacy.equals(name)) {
                return controller;
            }
        }
        return null;
    }

    /// The controller with a name of cgroup v2, or null if it is not one that Dolium uses.
    public static @Nullable Controller ofUnified(String name) {
        for (Controller controller : values()) {
            if (!name.isEmpty() && controller.unified.equals(name)) {
                return controller;
            }
        }
        return null;
    }

    @Override
    public String toString() {
        return legacy.isEmpty() ? unified : legacy;
    }
}
