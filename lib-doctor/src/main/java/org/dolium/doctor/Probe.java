// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

/// Something that is tried on a host. Where the JVM is not privileged, all but the first two are tried in a new user
/// namespace, as a container would be.
enum Probe {
    RUN("default container", "no container starts"),
    CHILD("clone3", "no container starts"),
    USER("user namespaces", "containers without root, and containers with ids of their own"),
    ID_RANGES("id ranges", "containers have one user id only: image files all belong to root, and groups can't be set"),
    MOUNT("mount namespaces", "no container starts"),
    PID("pid namespaces", "containers see the host's processes (--pid host)"),
    UTS("uts namespaces", "containers have the host's name (--uts host)"),
    IPC("ipc namespaces", "containers share the host's System V IPC and message queues (--ipc host)"),
    CGROUP("cgroup namespaces", "containers see where in the host's cgroups they are (--cgroupns host)"),
    NET("network namespaces", "containers have the host's network (--network host)"),
    TIME("time namespaces", "clocks of a container's own"),
    PROC("new /proc", "a view of the container's own processes; no default container starts"),
    SYSFS("new /sys", "a view of the container's own network; no default container starts"),
    OVERLAY("overlay", "writable containers above a read-only root, such as images"),
    OVERLAY_IN_USER_NAMESPACE("overlay, user namespace", "such containers with ids of their own"),
    OVERLAY_ON_DISK("overlay on disk", "upper layers in this directory"),
    MEMORY_FILE("memfd exec", "the launcher is executed from an unnamed file on disk instead"),
    PIDFD("pidfd", "no container starts"),
    MEMORY_LIMIT("memory limit", "limits of memory"),
    SWAP_LIMIT("swap limit", "memory limits that swap does not undo"),
    CPU_LIMIT("cpu limit", "limits of processor time"),
    PIDS_LIMIT("pids limit", "limits of the number of processes: a container can take all of the host's"),
    CPUSET_LIMIT("cpuset limit", "containers on processors of their own"),
    DISK_LIMIT("disk limit", "limits of what is read from and written to disks"),
    DEVICE_LIST("device list", "lists of the only devices that may be opened"),
    SECCOMP("seccomp filters", "filters of system calls"),
    LANDLOCK("Landlock", "access rules that need no privileges");

    private final String text;
    private final String lost;

    Probe(String text, String lost) {
        this.text = text;
        this.lost = lost;
    }

    /// Its name in the report.
    String text() {
        return text;
    }

    /// What does not work without it.
    String lost() {
        return lost;
    }
}
