// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import java.util.List;
import org.dolium.remedy.HostFiles;
import org.dolium.remedy.SecurityModules;

/// What confines processes: seccomp and the security modules.
final class Confining {
    private Confining() {}

    static List<Finding> modules(Evidence evidence) {
        return List.of(seccomp(evidence), appArmor(evidence), seLinux(evidence.files()), landlock(evidence));
    }

    private static Finding seccomp(Evidence evidence) {
        Finding found = Findings.finding(evidence, Probe.SECCOMP);
        return found.state() == Finding.State.OK
                ? Finding.ok(found.name(), evidence.files().filtered() ? "yes; one is on this JVM" : "none is on this JVM")
                : found;
    }

    /// Only what stands in the way is more than a fact.
    private static Finding appArmor(Evidence evidence) {
        HostFiles files = evidence.files();
        String profile = files.appArmorProfile();
        if (files.ubuntuRestricts() && !evidence.works(Probe.RUN)) {
            return Finding.missing(
                    "AppArmor", "restricts user namespaces of programs without a profile", "containers without root",
                    SecurityModules.ubuntu(files));
        }
        if (profile.isEmpty()) {
            return Finding.ok("AppArmor", "off");
        }
        return Finding.ok("AppArmor", "on, this JVM is "
                + (SecurityModules.confining(files).isEmpty() ? profile : "confined by '" + profile + "'"));
    }

    private static Finding seLinux(HostFiles files) {
        String detail = !files.exists("/sys/fs/selinux/enforce")
                ? "off"
                : files.seLinuxEnforces() ? "enforcing, this JVM is " + files.text("/proc/self/attr/current") : "permissive";
        return Finding.ok("SELinux", detail);
    }

    private static Finding landlock(Evidence evidence) {
        boolean alone = evidence.works(Probe.CHILD) && !evidence.works(Probe.USER) && !evidence.files().privileged();
        return evidence.outcome(Probe.LANDLOCK) instanceof Outcome.Works works
                ? Finding.ok(Probe.LANDLOCK.text(), "version " + works.note() + (alone
                        ? "; without user namespaces it can still confine a process: withoutNamespaces(), --without-namespaces"
                        : ""))
                : Finding.reduced(
                        Probe.LANDLOCK.text(), "off", Probe.LANDLOCK.lost(), "boot with landlock in the list of lsm=");
    }
}
