// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import java.util.List;

/// What this host can do for containers, and what to change where it can't.
///
/// Nothing is concluded from files: the default container is started, and small children try one thing each. The files
/// only explain what failed, in the words that the error of a launch has.
///
/// ```java
/// System.out.print(Host.probe().report());
/// ```
public final class Host {
    private final List<Finding> findings;
    private final boolean canRun;

    private Host(List<Finding> findings, boolean canRun) {
        this.findings = findings;
        this.canRun = canRun;
    }

    /// Tries everything, which takes some ten milliseconds and leaves nothing behind. Never throws because of what the
    /// host can't do.
    public static Host probe() throws InterruptedException {
        return of(Prober.probe());
    }

    static Host of(Evidence evidence) {
        return new Host(Findings.of(evidence), evidence.works(Probe.RUN));
    }

    /// Whether the default container starts.
    public boolean canRun() {
        return canRun;
    }

    /// One for each thing that was tried, the default container first.
    public List<Finding> findings() {
        return findings;
    }

    /// A table of the findings for people, 100 columns wide, with a line feed at the end.
    public String report() {
        return new Report(findings).toString();
    }
}
