// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.CgroupMount;
import org.dolium.cgroup.Controller;
import org.dolium.cgroup.host.CgroupChoice;
import org.dolium.remedy.HostFiles;
import org.dolium.remedy.Surroundings;

/// What limits containers can have.
final class Limiting {
    private static final String WSL2 = "in %UserProfile%\\.wslconfig\n    [wsl2]\n    kernelCommandLine = cgroup_no_v1=all\n"
            + "in /etc/wsl.conf\n    [boot]\n    systemd=true\nthen\n    wsl --shutdown";
    private static final Probe[] LIMITS = {
        Probe.MEMORY_LIMIT, Probe.SWAP_LIMIT, Probe.CPU_LIMIT, Probe.PIDS_LIMIT, Probe.CPUSET_LIMIT, Probe.DISK_LIMIT,
        Probe.DEVICE_LIST
    };

    private Limiting() {}

    static List<Finding> findings(Evidence evidence) {
        List<Finding> findings = new ArrayList<>();
        findings.add(cgroups(evidence));
        if (evidence.cgroups() instanceof CgroupChoice.Nothing nothing) {
            findings.add(Finding.missing(
                    "limits", "can't be enforced: " + nothing.why(), "every limit of memory, cpu, processes, disks and devices",
                    remedy(evidence.files(), nothing)));
            return findings;
        }
        for (Probe limit : LIMITS) {
            findings.add(
                    evidence.tried(limit)
                            ? Findings.finding(evidence, limit)
                            : Finding.missing(limit.text(), "no container starts, see there", limit.lost(), ""));
        }
        return findings;
    }

    private static Finding cgroups(Evidence evidence) {
        String version = version(evidence.files());
        if (evidence.cgroups() instanceof CgroupChoice.Nothing nothing) {
            String detail = version + ", no group can be made: " + nothing.why();
            return Finding.missing(
                    "cgroups", detail, "limits, figures of what a container uses, and freezing",
                    remedy(evidence.files(), nothing));
        }
        return Finding.ok("cgroups", version + ", " + way(evidence.cgroups()));
    }

    /// Which hierarchies are mounted.
    private static String version(HostFiles files) {
        boolean unified = false;
        boolean legacy = false;
        for (CgroupMount mount : CgroupMount.parse(files.text("/proc/self/mountinfo"))) {
            unified |= mount.unified();
            legacy |= !mount.unified();
        }
        return legacy ? unified ? "v1 and v2 (hybrid)" : "v1" : unified ? "v2" : "not mounted";
    }

    private static String way(CgroupChoice choice) {
        return switch (choice) {
            case CgroupChoice.Unified unified ->
                "groups below " + unified.base() + ", controllers " + names(unified.controllers());
            case CgroupChoice.Legacy legacy -> {
                List<Controller> controllers = new ArrayList<>();
                for (CgroupChoice.Legacy.Base base : legacy.bases()) {
                    controllers.add(base.controller());
                }
                yield "groups below the JVM's own, controllers " + names(controllers);
            }
            case CgroupChoice.Scope scope ->
                "in scopes of systemd's " + (scope.userManager() ? "user manager" : "system manager");
            case CgroupChoice.Nothing nothing -> nothing.why();
        };
    }

    private static String names(List<Controller> controllers) {
        StringBuilder out = new StringBuilder();
        for (Controller controller : controllers) {
            out.append(out.isEmpty() ? "" : " ").append(controller);
        }
        return out.toString();
    }

    /// What is to be done depends on what is around the JVM.
    private static String remedy(HostFiles files, CgroupChoice.Nothing nothing) {
        if (files.surroundings() == Surroundings.WSL2) {
            return WSL2;
        }
        boolean readOnly = nothing.why().contains("read-only");
        return readOnly && files.surroundings() == Surroundings.KUBERNETES
                ? "limits need a privileged pod"
                : nothing.remedy();
    }
}
