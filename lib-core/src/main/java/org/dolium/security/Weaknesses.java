// SPDX-License-Identifier: Apache-2.0
package org.dolium.security;

import java.util.ArrayList;
import java.util.List;
import org.dolium.capability.Capability;
import org.dolium.capability.CapabilitySets;
import org.dolium.mount.Masks;
import org.dolium.namespace.NamespaceKind;

/// Compares what is in force with what a container has by default.
final class Weaknesses {
    /// What a container should not read, and what it should not write.
    static final Masks PROTECTED = Masks.standard(List.of());

    private static final String[] SHARED = {
        "user", "root in it is root of the host wherever nothing else stops it",
        "mnt", "it sees the host's mounts, and what it mounts appears on the host",
        "pid", "it sees the host's processes, and can signal those of its user",
        "uts", "with CAP_SYS_ADMIN it can rename the host",
        "ipc", "it can use System V shared memory and message queues of the host's processes",
        "cgroup", "it sees where it is among the host's cgroups",
        "net", "it reaches everything that listens on the host, also local and abstract sockets"
    };
    private static final String[] POWERS = {
        "SYS_ADMIN", "it can mount, and nearly everything else that root can",
        "SYS_MODULE", "it can load code into the kernel",
        "SYS_RAWIO", "it can write to the machine's memory and devices",
        "SYS_PTRACE", "it can read and change other processes that it sees",
        "SYS_BOOT", "it can restart the machine",
        "SYS_TIME", "it can set the machine's clock",
        "DAC_READ_SEARCH", "it can read every file, and open files outside of its root by their handle",
        "MKNOD", "it can make device files",
        "NET_ADMIN", "it can configure networks and the firewall",
        "NET_RAW", "it can forge packets",
        "BPF", "it can load programs into the kernel",
        "PERFMON", "it can watch the kernel and other processes",
        "SYSLOG", "it can read the kernel's log and addresses",
        "SYS_RESOURCE", "it can pass over resource limits"
    };

    private final SecurityReport report;
    private final List<Weakness> found = new ArrayList<>();

    Weaknesses(SecurityReport report) {
        this.report = report;
    }

    List<Weakness> all() {
        namespaces();
        idMaps();
        capabilities();
        deviceList();
        if (!report.noNewPrivileges()) {
            add("no_new_privs is off", "programs with a set-user-ID bit or file capabilities give it more privileges");
        }
        if (report.systemCallFilters() == 0) {
            add("seccomp off", "it can make every system call, also rare ones in which the kernel has errors");
        }
        if (report.isPrivate(NamespaceKind.MOUNT)) {
            mounts();
            paths();
            devices();
        }
        resources();
        return List.copyOf(found);
    }

    private void add(String what, String meaning) {
        found.add(new Weakness(what, meaning));
    }

    private void namespaces() {
        for (NamespaceKind kind : NamespaceKind.values()) {
            for (int i = 0; i < SHARED.length; i += 2) {
                if (kind.procName().equals(SHARED[i]) && !report.isPrivate(kind)) {
                    add("shares the host's " + name(kind) + " namespace", SHARED[i + 1]);
                }
            }
        }
    }

    static String name(NamespaceKind kind) {
        return kind == NamespaceKind.NET ? "network" : kind.name().toLowerCase(java.util.Locale.ROOT);
    }

    private void idMaps() {
        if (report.isPrivate(NamespaceKind.USER) && ProcText.inside(report.uidMap(), 0) >= 0) {
            add("the host's root is mapped", "its user namespace does not keep it from files of the host's root");
        }
    }

    private void capabilities() {
        long standard = CapabilitySets.standard().bounding();
        long more = (report.mask("CapBnd") | report.mask("CapPrm")) & ~standard;
        for (Capability capability : SecurityReport.known(more)) {
            String meaning = "a container has not got this one by default";
            for (int i = 0; i < POWERS.length; i += 2) {
                meaning = POWERS[i].equals(capability.name()) ? POWERS[i + 1] : meaning;
            }
            boolean own = report.isPrivate(NamespaceKind.USER);
            add(capability + " granted", meaning + (own ? ", as far as its own user namespace goes" : ""));
        }
        if ((more & ~((1L << Capability.values().length) - 1)) != 0) {
            add("unknown capabilities granted", "this version of Dolium does not know what they allow");
        }
        if ((report.mask("CapInh") | report.mask("CapAmb")) != 0) {
            add("inheritable or ambient capabilities", "programs that it executes as another user than root keep them");
        }
    }

    private void mounts() {
        if (report.evidence.mountsCut()) {
            add("its mount table is too long", "only the first part of it is in this report");
        }
        List<MountEntry> host = ProcText.mounts(report.evidence.ownMountinfo());
        for (MountEntry mount : report.mounts()) {
            if (mount.peers() != 0 && hasPeer(host, mount.peers())) {
                add(mount.point() + " is shared with the host", "what it mounts below appears on the host");
            }
            if (mount.master() != 0) {
                add(mount.point() + " follows the host", "what is mounted below on the host appears in it");
            }
            if (!mount.readOnly() && (mount.type().equals("sysfs") || mount.type().startsWith("cgroup"))
                    && report.mountAt(mount.point()).equals(java.util.Optional.of(mount))) {
                add(mount.point() + " can be written (" + mount.type() + ")", mount.type().equals("cgroup2")
                        ? "it can make groups below its own, and set what is not given to others"
                        : "it can change settings of the kernel");
            }
        }
        MountEntry root = report.mountAt("/").orElse(null);
        if (root != null && !root.flags().contains("nodev") && !report.isPrivate(NamespaceKind.USER)) {
            add("device files work in its root", "one that the root file system brings gives it the host's device");
        }
    }

    /// Who can make device files needs a list of those that work.
    private void deviceList() {
        boolean maker = (report.mask("CapBnd") & Capability.MKNOD.bit()) != 0 && !report.isPrivate(NamespaceKind.USER);
        if (maker && report.deviceList().orElse("").equals("all")) {
            add("no list of devices", "it can make and use files of all devices of the host");
        }
    }

    private static boolean hasPeer(List<MountEntry> host, int group) {
        for (int i = 0; i < host.size(); i++) {
            if (host.get(i).peers() == group) {
                return true;
            }
        }
        return false;
    }

    private void paths() {
        for (String path : report.evidence.hostPaths()) {
            MountEntry mount = report.mountOf(path).orElse(null);
            boolean readOnly = PROTECTED.readOnly().contains(path);
            boolean ofKernel = mount != null && (mount.type().equals("proc") || mount.type().equals("sysfs"));
            if (ofKernel && !(readOnly && mount.readOnly()) && !mount.options().contains("subset=pid")) {
                add(path + (readOnly ? " can be written" : " can be read"), readOnly
                        ? "it can change settings of the kernel"
                        : "it tells about the host and its other processes");
            }
        }
    }

    private void devices() {
        List<String> devices = report.devices().orElse(null);
        if (devices == null) {
            add("/dev is not a memory file system of its own", "it may have the host's devices");
            return;
        }
        for (String device : devices) {
            MountEntry bound = report.mountAt("/dev/" + device.substring(0, device.indexOf(' '))).orElse(null);
            if (!DeviceNodes.expected(device) && (bound == null || !bound.flags().contains("nodev"))) {
                add("the device " + device + " in /dev", "a container has not got this one by default");
            }
        }
    }

    private void resources() {
        CgroupState group = report.cgroup().orElse(null);
        if (group == null || !report.evidence.ownGroup()) {
            add("no cgroup of its own", "its use of memory, processors and processes is the JVM's");
        }
        if (group != null && group.processes() < 0) {
            add("no limit of processes", "it can make so many that the host can make no more");
        }
        if (report.coreLimitBytes() != 0) {
            add("core dumps are on", "the host's handler of core dumps gets its memory");
        }
        if (report.oomScoreAdjustment() < 0) {
            add("its OOM score is lowered", "when memory runs out, other processes are killed before it");
        }
        String tracer = report.field("TracerPid");
        if (tracer != null && !tracer.equals("0")) {
            add("it is traced by process " + tracer, "that one can read and change everything in it");
        }
    }
}
