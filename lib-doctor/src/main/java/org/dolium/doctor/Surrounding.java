// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import org.dolium.remedy.HostFiles;
import org.dolium.remedy.Surroundings;

/// What holds for the host as a whole: whether the default container starts, the kernel, and what is around the JVM.
final class Surrounding {
    private static final int FLOOR_MAJOR = 5;
    private static final int FLOOR_MINOR = 14;
    private static final String FLOOR = "Linux 5.14";

    private Surrounding() {}

    static Finding run(Evidence evidence) {
        Finding found = Findings.finding(evidence, Probe.RUN);
        if (found.state() == Finding.State.OK) {
            return Finding.ok(found.name(), "starts");
        }
        if (evidence.files().status("Pid").isEmpty()) {
            return Finding.missing(
                    found.name(), found.detail(), found.lost(), "Dolium needs /proc: sudo mount -t proc proc /proc");
        }
        return found;
    }

    static Finding kernel(Evidence evidence) {
        String release = evidence.files().text("/proc/sys/kernel/osrelease");
        if (release.isEmpty()) {
            return Finding.reduced("kernel", "its version can't be read", "a check of it", "");
        }
        int major = leadingNumber(release);
        int minor = leadingNumber(release.substring(Math.min(release.length(), release.indexOf('.') + 1)));
        if (major > FLOOR_MAJOR || major == FLOOR_MAJOR && minor >= FLOOR_MINOR) {
            return Finding.ok("kernel", "Linux " + release);
        }
        return Finding.missing(
                "kernel", "Linux " + release + " is older than " + FLOOR,
                "cgroup.kill, mount_setattr (5.12) and overlays in user namespaces (5.11)",
                "boot " + FLOOR + " or newer");
    }

    private static int leadingNumber(String text) {
        int value = 0;
        for (int i = 0; i < text.length() && text.charAt(i) >= '0' && text.charAt(i) <= '9'; i++) {
            value = value * 10 + text.charAt(i) - '0';
        }
        return value;
    }

    static Finding nested(Evidence evidence) {
        HostFiles files = evidence.files();
        Surroundings around = files.surroundings();
        String detail = around.text();
        if (files.inUserNamespace()) {
            detail += "; inside a user namespace";
        }
        if (files.knownChroot() && !evidence.works(Probe.USER)) {
            return Finding.reduced(
                    "surroundings", detail + "; in a chroot", "user namespaces",
                    "enter the directory with pivot_root(2), as container runtimes do, instead of chroot(2)");
        }
        return files.inUserNamespace()
                ? Finding.reduced(
                        "surroundings", detail, "ids that are not mapped in it, device nodes and clocks",
                        "none is needed; for those run the JVM outside of it")
                : Finding.ok("surroundings", detail);
    }
}
