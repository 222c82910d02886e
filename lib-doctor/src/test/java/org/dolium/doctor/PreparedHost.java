// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.dolium.cgroup.Controller;
import org.dolium.cgroup.host.CgroupChoice;
import org.dolium.linux.Errno;
import org.dolium.remedy.HostFiles;

/// The evidence of a host that is not this one: at first one where everything works for root, then changed.
final class PreparedHost {
    static final String CLONE = "clone3({flags=CLONE_NEWUSER})";
    static final String MOVE_MOUNT = "move_mount($3, \"\", AT_FDCWD, \"/proc\", MOVE_MOUNT_F_EMPTY_PATH)";
    static final String FSMOUNT = "fsmount($3, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID)";

    static final String CGROUP_V2 = "31 29 0:27 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
    static final String CGROUP_V1 = "32 29 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";

    private static final Probe[] NAMESPACES = {
        Probe.MOUNT, Probe.PID, Probe.UTS, Probe.IPC, Probe.CGROUP, Probe.NET, Probe.TIME, Probe.PROC, Probe.SYSFS,
        Probe.OVERLAY, Probe.OVERLAY_IN_USER_NAMESPACE, Probe.OVERLAY_ON_DISK
    };

    private final Map<Probe, Outcome> outcomes = new EnumMap<>(Probe.class);
    private final Map<String, String> files = new HashMap<>();
    private final Map<String, String> variables = new HashMap<>();
    private CgroupChoice cgroups = new CgroupChoice.Unified("/sys/fs/cgroup", List.of(Controller.values()), false);

    private PreparedHost(String status) {
        for (Probe probe : Probe.values()) {
            outcomes.put(probe, new Outcome.Works(probe == Probe.LANDLOCK ? "7" : ""));
        }
        file("/proc/self/status", "Name:\tjava\nPid:\t7\n" + status + "NoNewPrivs:\t0\nSeccomp:\t0\n");
        file("/proc/self/uid_map", "         0          0 4294967295\n");
        file("/proc/sys/kernel/osrelease", "6.12.1\n");
        file("/proc/self/mountinfo", "29 1 8:1 / / rw - ext4 /dev/sda1 rw\n" + CGROUP_V2);
    }

    static PreparedHost ofRoot() {
        return new PreparedHost("Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\n");
    }

    static PreparedHost ofPlainUser() {
        return new PreparedHost("Uid:\t1000\t1000\t1000\t1000\nCapEff:\t0000000000000000\n");
    }

    PreparedHost file(String path, String text) {
        files.put(path, text);
        return this;
    }

    PreparedHost variable(String name, String value) {
        variables.put(name, value);
        return this;
    }

    /// Replaces a line of /proc/self/status.
    PreparedHost status(String field, String value) {
        String status = files.getOrDefault("/proc/self/status", "");
        return file("/proc/self/status", status.replaceAll("(?m)^" + field + ":.*", field + ":\t" + value));
    }

    PreparedHost without(String path) {
        files.remove(path);
        return this;
    }

    PreparedHost cgroups(CgroupChoice choice) {
        cgroups = choice;
        return this;
    }

    PreparedHost outcome(Probe probe, Outcome outcome) {
        outcomes.put(probe, outcome);
        return this;
    }

    /// Where nothing but the default container could be tried.
    PreparedHost onlyDefault(Outcome outcome) {
        outcomes.clear();
        return outcome(Probe.RUN, outcome);
    }

    PreparedHost refused(String call, Errno errno, Probe... probes) {
        for (Probe probe : probes) {
            outcomes.put(probe, new Outcome.Refused(call, errno));
        }
        return this;
    }

    /// Where clone3 fails whenever a namespace is asked for.
    PreparedHost noNamespaces(Errno errno) {
        return refused(CLONE, errno, NAMESPACES).refused(CLONE, errno, Probe.RUN, Probe.USER, Probe.ID_RANGES);
    }

    Host host() {
        HostFiles read = new HostFiles(files, variables, "/opt/jdk/bin/java", "app");
        return Host.of(new Evidence(outcomes, read, cgroups, "/tmp"));
    }

    /// The finding of a name.
    Finding finding(String name) {
        return host().findings().stream()
                .filter(finding -> finding.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no finding '" + name + "' in\n" + host().report()));
    }

    Finding finding(Probe probe) {
        return finding(probe.text());
    }
}
