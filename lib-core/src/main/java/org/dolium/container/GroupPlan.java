// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.util.List;
import org.dolium.cgroup.CgroupName;
import org.dolium.cgroup.CgroupPlacement;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.Requirement;
import org.dolium.cgroup.host.Cgroup;
import org.dolium.cgroup.host.CgroupChoice;
import org.dolium.cgroup.host.Cgroups;
import org.dolium.cgroup.host.Delegation;
import org.dolium.cgroup.host.LastCounts;
import org.dolium.cgroup.host.Unenforceable;
import org.dolium.host.Host;
import org.dolium.kernel.Fd;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.UnsupportedHostException;
import org.dolium.sandbox.CgroupEntry;
import org.jspecify.annotations.Nullable;

/// The cgroup that each container of a specification gets.
///
/// @param cgroups where it is made, or null for none
/// @param name its name, or null for any
/// @param limits what is in force in it
/// @param automatic whether its place is left to Dolium
/// @param nested whether the container could change its own limits if it were in the same directory with them
/// @param delegation who in the container may make groups of its own, or null for nobody
record GroupPlan(
        @Nullable Cgroups cgroups, @Nullable CgroupName name, Limits limits, boolean automatic, boolean nested,
        @Nullable Delegation delegation) {

    /// @param nested whether the container has the host's users and CAP_SYS_ADMIN, and a cgroup namespace of its own
    /// @param delegation who in the container needs groups of its own, or null for nobody
    /// @param makesDevices whether the container could make device files that work
    /// @param lasting the name of a group that outlives this JVM, or null for one of this JVM
    static GroupPlan of(
            ContainerBuilder wanted, Host host, boolean nested, @Nullable Delegation delegation, boolean makesDevices,
            @Nullable CgroupName lasting, List<String> problems, List<String> reductions)
            throws IOException {
        CgroupName name = null;
        try {
            name = wanted.name == null ? null : new CgroupName(wanted.name);
        } catch (IllegalArgumentException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
        if (!problems.isEmpty()) {
            return new GroupPlan(null, name, Limits.none(), true, nested, null);
        }
        Cgroups cgroups = Cgroups.at(wanted.cgroup, host);
        if (lasting != null) {
            cgroups = cgroups.lasting();
            name = lasting;
        }
        Limits complete = ImpliedLimits.complete(wanted.limits, !(wanted.cgroup instanceof CgroupPlacement.None), makesDevices);
        Limits limits = possible(cgroups.missing(complete), complete, reductions);
        boolean nothing = cgroups.choice() instanceof CgroupChoice.Nothing;
        if (delegation != null && !cgroups.canDelegate()) {
            throw cannotDelegate(cgroups.choice());
        }
        return new GroupPlan(
                nothing ? null : cgroups, name, limits, wanted.cgroup instanceof CgroupPlacement.Automatic,
                nested || delegation != null, delegation);
    }

    private static UnsupportedHostException cannotDelegate(CgroupChoice choice) {
        String what = "systemd needs a cgroup of its own to boot in, and there is none: ";
        return choice instanceof CgroupChoice.Nothing nothing
                ? new UnsupportedHostException(what + nothing.why(), nothing.remedy(), null)
                : new UnsupportedHostException(
                        what + "this host has only cgroup v1, which is never delegated to a container",
                        "mount cgroup v2 beside it (`mkdir /sys/fs/cgroup/unified; mount -t cgroup2 cgroup2"
                                + " /sys/fs/cgroup/unified`), or boot with systemd.unified_cgroup_hierarchy=1",
                        null);
    }

    /// What of a change is possible.
    ///
    /// @param reductions gets the limits that are preferred and are not
    Limits possible(Limits changed, Limits inForce, List<String> reductions) throws UnsupportedHostException {
        Limits complete = ImpliedLimits.withSwap(changed, inForce);
        List<Unenforceable> missing =
                cgroups == null ? List.of() : cgroups.missing(complete, inForce.with(complete));
        return possible(missing, complete, reductions);
    }

    private static Limits possible(List<Unenforceable> missing, Limits limits, List<String> reductions)
            throws UnsupportedHostException {
        Limits rest = Limits.none();
        for (int i = 0; i < limits.all().size(); i++) {
            Limits.Wanted limit = limits.all().get(i);
            Unenforceable why = find(missing, limit);
            if (why == null) {
                rest = rest.with(limit.limit(), limit.requirement());
            } else if (limit.requirement() == Requirement.REQUIRED) {
                throw new UnsupportedHostException(why.sentence(), why.remedy(), null);
            } else {
                reductions.add(why.toString());
            }
        }
        return rest;
    }

    private static @Nullable Unenforceable find(List<Unenforceable> missing, Limits.Wanted limit) {
        for (int i = 0; i < missing.size(); i++) {
            if (missing.get(i).wanted() == limit) {
                return missing.get(i);
            }
        }
        return null;
    }

    /// How the process enters it, or null if it is born in it or stays in the JVM's.
    ///
    /// @param firstFd the number of the first descriptor that can be passed
    @Nullable CgroupEntry entry(int firstFd) {
        if (cgroups == null) {
            return null;
        }
        int parts = cgroups.legacyParts(limits);
        boolean waits = cgroups.waits();
        return parts > 0 || waits ? new CgroupEntry(firstFd, parts, waits) : null;
    }

    /// Whether clone3(2) puts the process into it.
    boolean bornInside() {
        return cgroups != null && cgroups.bornInside();
    }

    /// What its making does, without doing it.
    String explain() {
        return cgroups == null ? "" : cgroups.explain(name, limits, nested, delegation);
    }

    /// Makes what must be around one that outlives this JVM.
    ///
    /// @return where the group is going to be, for another JVM, or nothing if there is none
    List<String> begin() throws IOException {
        if (cgroups == null || name == null) {
            return List.of();
        }
        int parts = cgroups.legacyParts(limits);
        cgroups.begin(name);
        if (cgroups.legacyParts(limits) != parts) {
            throw new UnsupportedHostException(
                    "systemd's scope for " + name.text() + " is not in the same hierarchies of cgroup v1 as this JVM: " + cgroups.choice(),
                    Cgroups.WITHOUT_SCOPE, null);
        }
        return cgroups.address();
    }

    /// Ends with a process from now on what is around the group, and not with this JVM.
    void keep(long monitor) throws IOException, InterruptedException {
        if (cgroups != null) {
            cgroups.keep(monitor);
        }
    }

    /// The files that somebody has to read at the end: whoever it is that makes the cgroups may have removed the group by then.
    List<Fd> counts(Group made) throws IOException {
        Cgroup group = made.cgroup();
        return group == null ? List.of() : LastCounts.open(group);
    }

    /// Makes it for one container.
    Group open() throws IOException {
        if (cgroups == null) {
            return new Group(this, null, "");
        }
        try {
            return new Group(this, cgroups.create(name, limits, nested, delegation), "");
        } catch (ErrnoException e) {
            if (entersByItself() || !optional()) {
                throw e;
            }
            return new Group(this, null, "no limit is in force, because no cgroup could be made: " + e.getMessage());
        }
    }

    /// Closes what was opened for groups that stay.
    void close() {
        if (cgroups != null && cgroups.isLasting()) {
            cgroups.close();
        }
    }

    /// Whether the plan counts on the group.
    private boolean entersByItself() {
        return entry(0) != null;
    }

    /// Whether nobody asked for the group or for what it limits.
    private boolean optional() {
        for (int i = 0; i < limits.all().size(); i++) {
            if (limits.all().get(i).requirement() == Requirement.REQUIRED) {
                return false;
            }
        }
        return name == null && automatic && delegation == null;
    }
}
