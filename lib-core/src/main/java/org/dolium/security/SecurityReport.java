// SPDX-License-Identifier: Apache-2.0
package org.dolium.security;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.dolium.capability.Capability;
import org.dolium.namespace.IdMaps;
import org.dolium.namespace.NamespaceKind;
import org.jspecify.annotations.Nullable;

/// What confines a process at the moment of the report, as the kernel tells it: ids, capabilities, system call filters,
/// namespaces, mounts, limits. Nothing of it is what somebody once asked for.
///
/// ```java
/// SecurityReport report = container.security();
/// if (!report.weaknesses().isEmpty()) {
///     System.err.println(report.report());
/// }
/// ```
public final class SecurityReport {
    private static final NamespaceKind[] KINDS = NamespaceKind.values();

    final Evidence evidence;
    private final List<MountEntry> mounts;
    private final List<String> askedFor;

    SecurityReport(Evidence evidence) {
        this(evidence, List.of());
    }

    private SecurityReport(Evidence evidence, List<String> askedFor) {
        this.evidence = evidence;
        this.askedFor = List.copyOf(askedFor);
        this.mounts = evidence.mountinfo() == null
                ? List.of()
                : Collections.unmodifiableList(ProcText.mounts(evidence.mountinfo()));
    }

    /// Looks at a process of this machine, whoever started it.
    ///
    /// @throws IOException if there is no such process, it ended meanwhile, or this user may not look at it
    public static SecurityReport of(long pid) throws IOException {
        return Reading.of(pid);
    }

    /// The process's pid in this JVM's pid namespace.
    public long pid() {
        return evidence.pid();
    }

    /// Whether the process has at least one namespace other than the time namespace for itself. What is no container
    /// is confined by its user's rights only.
    public boolean isContainer() {
        for (NamespaceKind kind : KINDS) {
            if (kind != NamespaceKind.TIME && isPrivate(kind)) {
                return true;
            }
        }
        return false;
    }

    /// The real, effective, saved and file system uid, as this JVM sees them.
    public List<Long> uids() {
        return ProcText.numbers(field("Uid"));
    }

    /// The real, effective, saved and file system gid, as this JVM sees them.
    public List<Long> gids() {
        return ProcText.numbers(field("Gid"));
    }

    /// The supplementary groups, as this JVM sees them.
    public List<Long> groups() {
        return ProcText.numbers(field("Groups"));
    }

    /// The effective uid as the process sees it, or -1 if it has none there.
    public long innerUid() {
        List<Long> uids = uids();
        return uids.size() < 2 ? -1 : ProcText.inside(uidMap(), uids.get(1));
    }

    /// How the uids of its user namespace are this JVM's; empty if they are none of this JVM's.
    public Optional<IdMaps> uidMap() {
        return ProcText.idMaps(evidence.uidMap());
    }

    /// How the gids of its user namespace are this JVM's; empty if they are none of this JVM's.
    public Optional<IdMaps> gidMap() {
        return ProcText.idMaps(evidence.gidMap());
    }

    /// Whether no program that it executes gives it more privileges; see prctl(2), `PR_SET_NO_NEW_PRIVS`.
    public boolean noNewPrivileges() {
        return "1".equals(field("NoNewPrivs"));
    }

    /// How many seccomp filters are in force, 0 for none. (1, if the kernel is one that does not count them.)
    public int systemCallFilters() {
        String mode = field("Seccomp");
        List<Long> count = ProcText.numbers(field("Seccomp_filters"));
        if (mode == null || mode.equals("0")) {
            return 0;
        }
        return count.isEmpty() ? 1 : (int) Math.max(1, count.get(0));
    }

    /// What it, and whatever it executes, can have at most.
    public Set<Capability> boundingCapabilities() {
        return known(mask("CapBnd"));
    }

    public Set<Capability> permittedCapabilities() {
        return known(mask("CapPrm"));
    }

    public Set<Capability> effectiveCapabilities() {
        return known(mask("CapEff"));
    }

    public Set<Capability> inheritableCapabilities() {
        return known(mask("CapInh"));
    }

    public Set<Capability> ambientCapabilities() {
        return known(mask("CapAmb"));
    }

    static Set<Capability> known(long mask) {
        Set<Capability> set = EnumSet.noneOf(Capability.class);
        for (Capability capability : Capability.values()) {
            if ((mask & capability.bit()) != 0) {
                set.add(capability);
            }
        }
        return Collections.unmodifiableSet(set);
    }

    long mask(String name) {
        return ProcText.mask(evidence.status(), name);
    }

    @Nullable String field(String name) {
        return ProcText.field(evidence.status(), name);
    }

    /// Whether its namespace of this kind is neither this JVM's nor that of process 1. False also if that can't be seen.
    public boolean isPrivate(NamespaceKind kind) {
        int i = kind.ordinal();
        long inode = evidence.namespaces()[i];
        return inode != 0 && inode != evidence.own()[i] && inode != evidence.first()[i];
    }

    /// The inode number that stands for its namespace of this kind, or 0 if it can't be seen.
    public long namespace(NamespaceKind kind) {
        return evidence.namespaces()[kind.ordinal()];
    }

    /// Everything that is mounted in its mount namespace below its root, in the order of mounting.
    public List<MountEntry> mounts() {
        return mounts;
    }

    /// What is mounted at a path: the last of several, which hides those before.
    public Optional<MountEntry> mountAt(String path) {
        MountEntry found = null;
        for (int i = 0; i < mounts.size(); i++) {
            found = mounts.get(i).point().equals(path) ? mounts.get(i) : found;
        }
        return Optional.ofNullable(found);
    }

    /// The mount that a path is in: the last one at the longest beginning of it. No link is followed.
    Optional<MountEntry> mountOf(String path) {
        String at = path;
        Optional<MountEntry> mount = mountAt(at);
        while (mount.isEmpty() && at.length() > 1) {
            at = at.substring(0, Math.max(1, at.lastIndexOf('/')));
            mount = mountAt(at);
        }
        return mount;
    }

    /// Whether nothing can be written at the top of its root file system.
    public boolean rootReadOnly() {
        return mountAt("/").map(MountEntry::readOnly).orElse(false);
    }

    /// Paths whose content is hidden.
    public List<String> maskedPaths() {
        List<String> paths = new ArrayList<>();
        for (int i = 0; i < mounts.size(); i++) {
            if (mounts.get(i).masks()) {
                paths.add(mounts.get(i).point());
            }
        }
        return paths;
    }

    /// Mounts that can't be written to, without those that only hide something.
    public List<String> readOnlyPaths() {
        List<String> paths = new ArrayList<>();
        for (int i = 0; i < mounts.size(); i++) {
            if (mounts.get(i).readOnly() && !mounts.get(i).masks()) {
                paths.add(mounts.get(i).point());
            }
        }
        return paths;
    }

    /// Its cgroup and the limits in force; empty if this JVM sees no cgroups.
    public Optional<CgroupState> cgroup() {
        return Optional.ofNullable(evidence.group());
    }

    /// Its label of the Linux security module, as `dolium (enforce)`; empty where there is no such module.
    public Optional<String> label() {
        return Optional.ofNullable(evidence.label()).map(label -> ProcText.printable(label.strip().replace("\0", ""), false));
    }

    /// The size that a core dump may have in bytes, or -1 for any.
    public long coreLimitBytes() {
        return ProcText.softLimit(evidence.limits(), "Max core file size");
    }

    /// From -1000, never killed when memory runs out, to 1000; see proc_pid_oom_score_adj(5).
    public int oomScoreAdjustment() {
        String text = evidence.oomScoreAdj().trim();
        long value = ProcText.number(text.startsWith("-") ? text.substring(1) : text);
        return (int) (text.startsWith("-") ? -value : value);
    }

    /// The device files at the top of its /dev, as `null c 1:3`; empty if /dev is no memory file system of its own, or may
    /// not be looked at.
    public Optional<List<String>> devices() {
        return Optional.ofNullable(evidence.devices()).map(List::copyOf);
    }

    /// Which devices its cgroups let it use, besides what it finds in /dev: `all`, the rules of cgroup v1, or how many programs
    /// decide with cgroup v2; empty where this JVM may not ask, as without `CAP_NET_ADMIN` or `CAP_SYS_ADMIN` with cgroup v2.
    public Optional<String> deviceList() {
        return Optional.ofNullable(evidence.deviceList());
    }

    /// What was asked for and the kernel tells nobody: it was in force at the start, else there had been none. Empty for a
    /// process that this JVM did not start.
    public List<String> askedFor() {
        return askedFor;
    }

    /// The same report with what was asked for; see [#askedFor].
    public SecurityReport withAskedFor(List<String> asked) {
        return new SecurityReport(evidence, asked);
    }

    /// In what it is less confined than a container is by default.
    public List<Weakness> weaknesses() {
        return new Weaknesses(this).all();
    }

    /// Everything as a table.
    public String report() {
        return new SecurityTable(this).toString();
    }

    @Override
    public String toString() {
        return "security of process " + pid();
    }
}
