// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import java.util.ArrayList;
import java.util.List;
import org.dolium.remedy.Surroundings;

/// What limits containers can have.
final class Limiting {
    private static final String WSL2 = "In %UserProfile%\\.wslconfig\n    [wsl2]\n    kernelCommandLine = cgroup_no_v1=all\n"
            + "in /etc/wsl.conf\n    [boot]\n    systemd=true\nthen\n    wsl --shutdown";
    private static final String[] WANTED = {"cpu", "cpuset", "io", "memory", "pids"};

    private Limiting() {}

    static List<Finding> cgroups(Evidence evidence) {
        CgroupEvidence cgroups = evidence.cgroups();
        List<Finding> findings = new ArrayList<>();
        findings.add(cgroups.version().equals("none")
                ? Finding.missing("cgroups", cgroups.whyNot(), "limits and accounting", cgroups.remedy())
                : Finding.ok("cgroups", cgroups.version()));
        findings.add(controllers(cgroups));
        findings.add(limits(evidence));
        return findings;
    }

    private static Finding controllers(CgroupEvidence cgroups) {
        List<String> missing = new ArrayList<>();
        for (String wanted : WANTED) {
            if (!has(cgroups.controllers(), wanted)) {
                missing.add(wanted);
            }
        }
        String detail = cgroups.controllers().isEmpty() ? "none" : String.join(" ", cgroups.controllers());
        return missing.isEmpty()
                ? Finding.ok("controllers", detail)
                : new Finding(
                        "controllers", cgroups.controllers().isEmpty() ? Finding.State.MISSING : Finding.State.REDUCED,
                        detail, "limits of " + String.join(" ", missing), cgroups.remedy());
    }

    private static boolean has(List<String> controllers, String wanted) {
        return controllers.contains(wanted) || wanted.equals("io") && controllers.contains("blkio");
    }

    private static Finding limits(Evidence evidence) {
        CgroupEvidence cgroups = evidence.cgroups();
        if (cgroups.writable()) {
            return Finding.ok("limits", "can be enforced");
        }
        boolean wsl = evidence.files().surroundings() == Surroundings.WSL2;
        return Finding.missing(
                "limits", "can't be enforced: " + cgroups.whyNot(), "every limit of memory, cpu, processes and devices",
                wsl ? WSL2 : cgroups.remedy());
    }
}
