// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import java.util.Map;
import org.dolium.cgroup.host.CgroupChoice;
import org.dolium.remedy.HostFiles;

/// Everything that a report is made from: what came of each probe, and the files that explain it.
///
/// @param outcomes by probe; one that was not tried is absent
/// @param files the texts that explain failures
/// @param cgroups where groups can be made
/// @param diskPlace the directory of [Probe#OVERLAY_ON_DISK]
record Evidence(Map<Probe, Outcome> outcomes, HostFiles files, CgroupChoice cgroups, String diskPlace) {
    Evidence {
        outcomes = Map.copyOf(outcomes);
    }

    Outcome outcome(Probe probe) {
        return outcomes.getOrDefault(probe, new Outcome.Failed("not tried"));
    }

    boolean tried(Probe probe) {
        return outcomes.containsKey(probe);
    }

    boolean works(Probe probe) {
        return outcome(probe) instanceof Outcome.Works;
    }
}
