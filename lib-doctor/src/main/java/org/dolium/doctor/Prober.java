// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import org.dolium.cgroup.host.CgroupChoice;
import org.dolium.container.ContainerBuilder;
import org.dolium.host.Host;
import org.dolium.kernel.HostProbe;
import org.dolium.launch.ReadHostFiles;
import org.dolium.remedy.HostFiles;

/// Tries everything on this host.
final class Prober {
    private Prober() {}

    static Evidence probe() throws InterruptedException {
        HostFiles files = ReadHostFiles.read();
        Path diskPlace = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
        Map<Probe, Outcome> outcomes = new EnumMap<>(Probe.class);
        CgroupChoice cgroups = new CgroupChoice.Nothing("not tried", "");
        try {
            outcomes.put(Probe.RUN, LimitTrials.run(ContainerBuilder.create()));
            Host host = HostProbe.host();
            KernelProbes.addTo(outcomes);
            NamespaceTrials namespaces = new NamespaceTrials(host, files);
            namespaces.addTo(outcomes);
            new MountTrials(host, namespaces, diskPlace).addTo(outcomes);
            cgroups = LimitTrials.choice(host);
            if (outcomes.get(Probe.RUN) instanceof Outcome.Works) {
                LimitTrials.addTo(outcomes, files);
            }
        } catch (IllegalStateException | IllegalArgumentException | LinkageError | OutOfMemoryError e) {
            outcomes.putIfAbsent(Probe.RUN, new Outcome.Failed(LimitTrials.message(e))); // no call at all can be made
        }
        return new Evidence(outcomes, files, cgroups, diskPlace.toString());
    }
}
