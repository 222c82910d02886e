// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import java.util.ArrayList;
import java.util.List;
import org.dolium.linux.Errno;
import org.dolium.remedy.Hints;
import org.dolium.remedy.HostFiles;
import org.dolium.remedy.IdRanges;
import org.dolium.remedy.OuterContainer;

/// Explains what was found: a function of the evidence. Whether something works was decided by trying it.
final class Findings {
    private static final Probe[] IN_USER_NAMESPACE = {
        Probe.MOUNT, Probe.PID, Probe.UTS, Probe.IPC, Probe.CGROUP, Probe.NET, Probe.TIME, Probe.PROC, Probe.SYSFS,
        Probe.OVERLAY, Probe.OVERLAY_IN_USER_NAMESPACE
    };

    private final Evidence evidence;
    private final HostFiles files;
    private final List<Finding> findings = new ArrayList<>();

    private Findings(Evidence evidence) {
        this.evidence = evidence;
        this.files = evidence.files();
    }

    static List<Finding> of(Evidence evidence) {
        Findings findings = new Findings(evidence);
        findings.findings.add(Surrounding.run(evidence));
        findings.findings.add(Surrounding.kernel(evidence));
        findings.findings.add(Surrounding.nested(evidence));
        if (evidence.tried(Probe.CHILD)) { // else nothing at all can be tried, and the first line says why
            findings.processes();
            findings.findings.addAll(Limiting.findings(evidence));
            findings.findings.addAll(Confining.modules(evidence));
        }
        return List.copyOf(findings.findings);
    }

    private void processes() {
        add(Probe.CHILD);
        add(Probe.PIDFD);
        memoryFile();
        add(Probe.USER);
        idRanges();
        for (Probe probe : IN_USER_NAMESPACE) {
            if (isFakeOverlay(probe)) {
                findings.add(fakeOverlay(probe));
            } else if (evidence.works(probe) || evidence.works(Probe.USER) || files.privileged()) {
                add(probe);
            } else {
                findings.add(withoutUserNamespace(probe));
            }
        }
        onDisk();
    }

    private static Finding withoutUserNamespace(Probe probe) {
        return Finding.missing(probe.text(), "needs a user namespace, see there", probe.lost(), "");
    }

    private void add(Probe probe) {
        findings.add(finding(evidence, probe));
    }

    /// What the kernel said, and the remedy that a launch which fails so has too.
    static Finding finding(Evidence evidence, Probe probe) {
        return switch (evidence.outcome(probe)) {
            case Outcome.Works works -> Finding.ok(probe.text(), works.note());
            case Outcome.Refused refused -> Finding.missing(
                    probe.text(), seen(refused), probe.lost(),
                    Hints.forCall(refused.call(), refused.errno(), evidence.files()));
            case Outcome.Unsupported unsupported ->
                Finding.missing(probe.text(), unsupported.missing(), probe.lost(), unsupported.remedy());
            case Outcome.Failed failed -> Finding.missing(probe.text(), failed.message(), probe.lost(), "");
        };
    }

    static String seen(Outcome.Refused refused) {
        return refused.call() + " = -1 " + refused.errno();
    }

    private void memoryFile() {
        if (evidence.outcome(Probe.MEMORY_FILE) instanceof Outcome.Refused refused
                && refused.errno().equals(Errno.EACCES)) {
            findings.add(Finding.reduced(
                    Probe.MEMORY_FILE.text(), seen(refused), Probe.MEMORY_FILE.lost(), Hints.ALLOW_MEMFD));
        } else {
            add(Probe.MEMORY_FILE);
        }
    }

    private void idRanges() {
        String name = Probe.ID_RANGES.text();
        if (evidence.works(Probe.ID_RANGES)) {
            findings.add(Finding.ok(name, files.privileged() ? "any" : "granted by /etc/subuid and /etc/subgid"));
        } else if (!evidence.works(Probe.USER)) {
            findings.add(withoutUserNamespace(Probe.ID_RANGES));
        } else if (evidence.outcome(Probe.ID_RANGES) instanceof Outcome.Refused refused) {
            findings.add(Finding.reduced(
                    name, seen(refused), Probe.ID_RANGES.lost(),
                    "the JVM's own user namespace has these ids only: give it a range"));
        } else if (evidence.outcome(Probe.ID_RANGES) instanceof Outcome.Failed failed) {
            findings.add(Finding.reduced(name, withoutAdvice(failed.message()), Probe.ID_RANGES.lost(), moreIds()));
        }
    }

    /// The error of a launch has the advice with it.
    private static String withoutAdvice(String message) {
        int advice = message.indexOf("; ");
        return advice < 0 ? message : message.substring(0, advice);
    }

    private String moreIds() {
        String hindered = IdRanges.withoutPrivileges(files);
        return hindered.isEmpty() ? IdRanges.INSTALL + ", and\n    " + IdRanges.grant(files.user()) : hindered;
    }

    /// Memory has no extended attributes of users before Linux 6.6: an overlay can be mounted then, but not used.
    private boolean isFakeOverlay(Probe probe) {
        return (probe == Probe.OVERLAY || probe == Probe.OVERLAY_IN_USER_NAMESPACE)
                && evidence.outcome(probe) instanceof Outcome.Refused refused
                && refused.errno().equals(Errno.EIO);
    }

    private Finding fakeOverlay(Probe probe) {
        String seen = evidence.outcome(probe) instanceof Outcome.Refused refused ? seen(refused) : "";
        return Finding.reduced(
                probe.text(), seen, "an upper layer in memory: directories of the layers below can't be replaced",
                "use an upper layer on disk (Rootfs.Overlay.upperOnDisk), or boot Linux 6.6 or newer");
    }

    private void onDisk() {
        String name = Probe.OVERLAY_ON_DISK.text();
        if (evidence.works(Probe.OVERLAY_ON_DISK)) {
            findings.add(Finding.ok(name, "in " + evidence.diskPlace()));
        } else if (!evidence.works(Probe.OVERLAY) && !isFakeOverlay(Probe.OVERLAY)) {
            findings.add(Finding.missing(name, "needs overlays, see there", Probe.OVERLAY_ON_DISK.lost(), ""));
        } else {
            Finding finding = finding(evidence, Probe.OVERLAY_ON_DISK);
            findings.add(Finding.reduced(
                    name, evidence.diskPlace() + ": " + finding.detail(), finding.lost(), OuterContainer.volume()));
        }
    }
}
