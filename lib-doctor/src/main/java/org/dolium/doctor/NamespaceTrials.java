// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.dolium.host.Host;
import org.dolium.launch.DirectIdMaps;
import org.dolium.launch.HelperIdMaps;
import org.dolium.launch.IdMapWriter;
import org.dolium.linux.Propagation;
import org.dolium.mount.Pivot;
import org.dolium.namespace.IdMap;
import org.dolium.namespace.IdMaps;
import org.dolium.namespace.Loopback;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.SubordinateIds;
import org.dolium.namespace.TimeOffsets;
import org.dolium.process.ProcessAttributes;
import org.dolium.remedy.HostFiles;
import org.jspecify.annotations.Nullable;

/// Tries each kind of namespace, with what a container does in it first.
final class NamespaceTrials {
    private final Host host;
    private final HostFiles files;

    NamespaceTrials(Host host, HostFiles files) {
        this.host = host;
        this.files = files;
    }

    void addTo(Map<Probe, Outcome> outcomes) throws InterruptedException {
        outcomes.put(Probe.CHILD, new Trial(0, null).outcome(host.lastCapability()));
        outcomes.put(Probe.USER, perform(inUserNamespace(0)));
        outcomes.put(Probe.PID, perform(in(NamespaceKind.PID)));
        outcomes.put(Probe.IPC, perform(in(NamespaceKind.IPC)));
        outcomes.put(Probe.CGROUP, perform(in(NamespaceKind.CGROUP)));
        Trial mount = in(NamespaceKind.MOUNT);
        Pivot.lowerDetach(mount.plan(), Propagation.PRIVATE);
        outcomes.put(Probe.MOUNT, perform(mount));
        Trial uts = in(NamespaceKind.UTS);
        ProcessAttributes.lowerHostname(uts.plan(), "dolium");
        outcomes.put(Probe.UTS, perform(uts));
        Trial net = in(NamespaceKind.NET);
        Loopback.lower(net.plan());
        outcomes.put(Probe.NET, perform(net));
        Trial time = host.privileged() ? new Trial(0, null) : inUserNamespace(0);
        new TimeOffsets(Duration.ofSeconds(1), Duration.ofSeconds(1)).lower(time.plan());
        outcomes.put(Probe.TIME, perform(time));
        outcomes.put(Probe.ID_RANGES, idRanges());
    }

    private Outcome perform(Trial trial) throws InterruptedException {
        return trial.outcome(host.lastCapability());
    }

    /// A child in new namespaces as the default container is: a user namespace is one of them if need be.
    Trial in(NamespaceKind... kinds) {
        long flags = 0;
        for (NamespaceKind kind : kinds) {
            flags |= kind.cloneFlag();
        }
        return host.privileged() ? new Trial(flags, null) : inUserNamespace(flags);
    }

    /// A child in a new user namespace with a single id, and other new namespaces.
    Trial inUserNamespace(long others) {
        DirectIdMaps single = new DirectIdMaps(
                IdMaps.single(0, host.uid()), IdMaps.single(0, host.gid()), !host.canMapAnyId());
        return new Trial(NamespaceKind.USER.cloneFlag() | others, single);
    }

    private Outcome idRanges() throws InterruptedException {
        IdMapWriter maps = host.canMapAnyId() ? twoIds() : granted();
        return maps == null
                ? new Outcome.Failed("/etc/subuid and /etc/subgid have no line for this user")
                : perform(new Trial(NamespaceKind.USER.cloneFlag(), maps));
    }

    private IdMapWriter twoIds() {
        return new DirectIdMaps(
                IdMaps.of(new IdMap(0, host.uid(), 2)), IdMaps.of(new IdMap(0, host.gid(), 2)), false);
    }

    private @Nullable IdMapWriter granted() {
        try {
            List<IdMap> uids = SubordinateIds.parse(files.text("/etc/subuid"), files.user(), host.uid());
            List<IdMap> gids = SubordinateIds.parse(files.text("/etc/subgid"), files.user(), host.uid());
            return uids.isEmpty() || gids.isEmpty()
                    ? null
                    : new HelperIdMaps(
                            SubordinateIds.withOwn(host.uid(), uids), SubordinateIds.withOwn(host.gid(), gids));
        } catch (IllegalArgumentException e) {
            return null; // a malformed line
        }
    }
}
