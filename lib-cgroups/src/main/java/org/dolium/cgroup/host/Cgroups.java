// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.dolium.cgroup.CgroupMount;
import org.dolium.cgroup.CgroupName;
import org.dolium.cgroup.CgroupPlacement;
import org.dolium.cgroup.Controller;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.cgroup.file.Figures;
import org.dolium.host.Host;
import org.dolium.kernel.HostProbe;
import org.dolium.linux.ErrnoException;
import org.jspecify.annotations.Nullable;

/// Makes the cgroups of this JVM's containers in one place of the machine. What is needed above them is made at the first
/// container and removed at the end of the JVM. Those that are [#lasting] make
/// groups that stay.
public final class Cgroups implements AutoCloseable {
    /// What to do about a detached container for which systemd makes no scope, or one that is of no use.
    public static final String WITHOUT_SCOPE = "start it with CgroupPlacement.below(PATH), a cgroup that is delegated to this user, or with"
            + " CgroupPlacement.none(): then it is in this JVM's cgroup, and no limit is in force";

    private static final List<CgroupPlacement> PLACES = new ArrayList<>();
    private static final List<Cgroups> SHARED = new ArrayList<>();
    private static final AtomicLong NUMBERS = new AtomicLong();

    /// Where the groups are made; with a scope that a lasting group has for itself, in that.
    private CgroupChoice choice;
    /// Where systemd has its own groups on a machine with the controllers in cgroup v1, or null if it does not matter.
    private final @Nullable CgroupMount hybrid;
    private final boolean waits;
    private final boolean lasting;
    /// By the ordinal of the controller; the unified hierarchy is the last.
    private final @Nullable JvmGroup[] groups = new JvmGroup[Controller.values().length + 1];
    private final boolean[] enabled = new boolean[Controller.values().length];

    private @Nullable HeldScope scope;
    private boolean removedAtEnd;

    /// @param dangerous whether a child that still shares the JVM's memory must not be in the groups
    Cgroups(CgroupChoice choice, boolean dangerous) {
        this(choice, null, dangerous, false);
    }

    private Cgroups(CgroupChoice choice, @Nullable CgroupMount hybrid, boolean dangerous, boolean lasting) {
        this.lasting = lasting;
        this.choice = choice;
        this.hybrid = hybrid;
        this.waits = dangerous || choice instanceof CgroupChoice.Scope scope && !scope.direct();
    }

    /// The groups of this machine at a place; probed once for each place.
    public static Cgroups at(CgroupPlacement placement, Host host) throws IOException {
        synchronized (SHARED) {
            for (int i = 0; i < PLACES.size(); i++) {
                CgroupPlacement known = PLACES.get(i);
                if (known == placement || known.equals(placement)) { // equality of records is dear in a new JVM
                    return SHARED.get(i);
                }
            }
            Cgroups cgroups = probed(placement, host);
            PLACES.add(placement);
            SHARED.add(cgroups);
            return cgroups;
        }
    }

    /// The same place for a group that outlives this JVM: it is not in the JVM's own group, so no other JVM takes it for what a dead one
    /// left. Where systemd makes the cgroups, it is in a scope of its own; see [#begin].
    ///
    /// @return a new object for one group, which is to be closed; its group stays
    public Cgroups lasting() {
        return new Cgroups(choice, hybrid, waits || hybrid != null, true);
    }

    /// The place that [#address] told of.
    ///
    /// @throws IllegalArgumentException if the text is none of those
    public static Cgroups lastingAt(List<String> address) throws IOException {
        CgroupChoice choice = LastingPlace.parse(address);
        String scope = LastingPlace.scope(address);
        Host host = HostProbe.host();
        boolean moved = !scope.isEmpty() && choice instanceof CgroupChoice.Unified
                && !(host.privileged() && host.initialUserNamespace())
                && !CgroupChoice.Choices.ofUserManager(CgroupDirectory.readPath("/proc/self/cgroup"));
        Cgroups found = new Cgroups(choice, null, moved, true);
        if (moved) {
            found.scope = HeldScope.found(((CgroupChoice.Unified) choice).base(), scope, host.uid());
        }
        return found;
    }

    /// Makes what a lasting group needs around it, before that is made and [#address] is asked: where systemd makes the cgroups, a scope,
    /// which ends with this JVM until [#keep]. Elsewhere, and when called again, it does nothing.
    ///
    /// @param name of the group
    public synchronized void begin(CgroupName name) throws IOException {
        if (!lasting || scope != null) {
            return;
        }
        if (choice instanceof CgroupChoice.Scope scoped) {
            HeldScope made = HeldScope.ofContainer(scoped.mount(), HostProbe.host().uid(), name.text(), true);
            scope = made;
            choice = new CgroupChoice.Unified(made.path(), List.of(), false);
        } else if (hybrid != null) {
            HeldScope made = HeldScope.ofContainer(hybrid, HostProbe.host().uid(), name.text(), false);
            scope = made; // from here on it is closed
            choice = CgroupChoice.of(CgroupProbe.of(HostProbe.host(), made.holder()), CgroupPlacement.AUTOMATIC);
        }
    }

    /// What [#begin] has made lasts as long as a process of this user from now on.
    public synchronized void keep(long pid) throws IOException, InterruptedException {
        if (scope != null) {
            scope.adopt(pid);
        }
    }

    /// Whether its groups outlive this JVM.
    public boolean isLasting() {
        return lasting;
    }

    /// Where the groups are made, in words for another JVM.
    public List<String> address() {
        return LastingPlace.text(choice, scope == null ? "" : scope.cgroup());
    }

    private static Cgroups probed(CgroupPlacement placement, Host host) throws IOException {
        if (placement instanceof CgroupPlacement.None) {
            return new Cgroups(CgroupChoice.NONE_WANTED, false);
        }
        CgroupSituation here = CgroupProbe.probe(host);
        CgroupChoice choice = CgroupChoice.of(here, placement);
        boolean dangerous =
                choice instanceof CgroupChoice.Unified unified && OomGroups.around(unified.base(), here.own().path());
        boolean besideSystemd = here.systemd() && here.privileged() && placement instanceof CgroupPlacement.Automatic
                && choice instanceof CgroupChoice.Legacy legacy && !legacy.unifiedBase().isEmpty();
        return new Cgroups(choice, besideSystemd ? CgroupChoice.Choices.unifiedMount(here) : null, dangerous, false);
    }

    /// Loads what the first group takes and asks nothing of the host, for a JVM that has something else to wait for.
    public static void preload() {
        CgroupSituation example = new CgroupSituation(
                CgroupMount.parse("1 0 0:1 / /c rw - cgroup cgroup rw,pids\n2 0 0:2 / /u rw - cgroup2 cgroup2 rw\n"),
                "1:pids:/\n0::/\n", 0, true, false, false, CgroupSituation.Directory.UNSEEN,
                CgroupSituation.Directory.UNSEEN, List.of(Controller.PIDS));
        Limits limits = Limits.none().with(Limit.pids(1));
        Cgroups cgroups = new Cgroups(CgroupChoice.of(example, CgroupPlacement.AUTOMATIC), false);
        Object[] loaded = {
            cgroups.missing(limits), cgroups.legacyParts(limits), new Cgroup("", false).settings(limits), Removal.class,
            Settings.class, Figures.class, CgroupPart.class, JvmGroup.class, CgroupProbe.class, CgroupDirectory.class,
            CgroupChoice.Scope.class, CgroupChoice.Unified.class
        };
        java.lang.ref.Reference.reachabilityFence(loaded);
    }

    /// Which way was taken.
    public CgroupChoice choice() {
        return choice;
    }

    /// Whether a process must be put into its group before it goes on: it can be neither born into it nor write itself into
    /// it, or systemd has to move it in hierarchies where there is no group of its own.
    public boolean waits() {
        return waits;
    }

    /// Whether clone3(2) puts processes into their groups.
    public boolean bornInside() {
        return !waits
                && (choice instanceof CgroupChoice.Unified
                        || choice instanceof CgroupChoice.Scope
                        || choice instanceof CgroupChoice.Legacy legacy && !legacy.unifiedBase().isEmpty());
    }

    /// The limits that can't be enforced here, by what can be known before a group is made.
    public List<Unenforceable> missing(Limits limits) {
        return missing(limits, limits);
    }

    /// As [#missing(Limits)], for a group that has other limits as well.
    ///
    /// @param together these and the others
    public List<Unenforceable> missing(Limits limits, Limits together) {
        List<Unenforceable> missing = new ArrayList<>();
        List<Limits.Wanted> all = limits.all();
        for (int i = 0; i < all.size(); i++) {
            Unenforceable why = Availability.missing(choice, all.get(i), together);
            if (why != null) {
                missing.add(why);
            }
        }
        return missing;
    }

    /// In how many hierarchies of cgroup v1 a group with these limits is: as many files a process has to write itself
    /// into.
    public int legacyParts(Limits limits) {
        List<String> paths = new ArrayList<>();
        if (choice instanceof CgroupChoice.Legacy legacy) {
            for (int i = 0; i < legacy.bases().size(); i++) {
                CgroupChoice.Legacy.Base base = legacy.bases().get(i);
                if (Availability.needed(base.controller(), limits, legacy) && !paths.contains(base.path())) {
                    paths.add(base.path());
                }
            }
        }
        return paths.size();
    }

    /// What [#create(CgroupName, Limits, boolean, Delegation)] does, in words of strace(1); nothing is made.
    public String explain(@Nullable CgroupName name, Limits limits, boolean nested, @Nullable Delegation delegation) {
        return Explanation.of(choice, name == null ? "c*" : name.text(), limits, nested, delegation);
    }

    /// Whether a container can have groups of its own below its limits: those of cgroup v2, also where that has no controllers.
    public boolean canDelegate() {
        return choice instanceof CgroupChoice.Unified || choice instanceof CgroupChoice.Scope
                || choice instanceof CgroupChoice.Legacy legacy && !legacy.unifiedBase().isEmpty();
    }

    /// As [#create(CgroupName, Limits, boolean, Delegation)], for processes in the directory with the limits.
    public Cgroup create(@Nullable CgroupName name, Limits limits) throws IOException {
        return create(name, limits, false, null);
    }

    /// Makes a group and sets its limits. What is not enforceable must have been left out before, see [#missing].
    ///
    /// @param name its name, or null for any
    /// @param nested whether the processes are put one level below the limits
    /// @param delegation who may make groups there, or null for nobody; then `nested` is true, and [#canDelegate]
    public Cgroup create(@Nullable CgroupName name, Limits limits, boolean nested, @Nullable Delegation delegation)
            throws IOException {
        Cgroup made = create(name == null ? "c" + NUMBERS.incrementAndGet() : name.text(), limits, nested);
        if (delegation == null) {
            return made;
        }
        try {
            made.delegate(delegation);
            return made;
        } catch (IOException | RuntimeException e) {
            made.abandon(e);
            throw e;
        }
    }

    private Cgroup create(String own, Limits limits, boolean nested) throws IOException {
        if (choice instanceof CgroupChoice.Unified unified) {
            return unified(unified, own, limits, nested);
        }
        if (choice instanceof CgroupChoice.Legacy legacy) {
            return legacy(legacy, own, limits, nested);
        }
        if (choice instanceof CgroupChoice.Scope scoped) {
            return scoped(scoped, own, limits, nested);
        }
        throw new IllegalStateException("no group can be made: " + choice);
    }

    /// Opens a group that was made here before, perhaps by another JVM.
    ///
    /// @param known the limits in force in it, as far as others depend on them
    /// @return null if it is gone
    public @Nullable Cgroup reopen(CgroupName name, Limits known) throws IOException {
        Cgroup found = new Cgroup(name.text(), !(choice instanceof CgroupChoice.Legacy), this, waits ? scope : null, waits);
        try {
            if (choice instanceof CgroupChoice.Unified unified) {
                found.addFound(null, unifiedGroup(unified).directory());
            } else if (choice instanceof CgroupChoice.Legacy legacy) {
                for (int i = 0; i < legacy.bases().size(); i++) {
                    addFound(found, legacy.bases().get(i), "");
                }
                if (!legacy.unifiedBase().isEmpty()) {
                    addFound(found, null, legacy.unifiedBase());
                }
            }
            return found.found(known) ? found : null;
        } catch (ErrnoException e) {
            found.release();
            if (Removal.isGone(e)) {
                return null; // with all that was around it
            }
            throw e;
        } catch (RuntimeException e) {
            found.release();
            throw e;
        }
    }

    /// In the hierarchies that systemd manages a group is gone with its scope, and in the others it is still there.
    ///
    /// @param base a controller of cgroup v1, or null for cgroup v2 without controllers
    private void addFound(Cgroup found, CgroupChoice.Legacy.@Nullable Base base, String unified) throws ErrnoException {
        try {
            if (base == null) {
                found.addFound(null, besideLegacy(unified).directory());
            } else {
                found.addFound(base.controller(), legacyGroup(base).directory());
            }
        } catch (ErrnoException e) {
            if (!Removal.isGone(e)) {
                throw e;
            }
        }
    }

    /// Whether a call has failed because somebody else has removed the group.
    public static boolean isGone(ErrnoException e) {
        return Removal.isGone(e);
    }

    private Cgroup unified(CgroupChoice.Unified where, String name, Limits limits, boolean nested)
            throws IOException {
        return below(unifiedGroup(where), new Cgroup(name, true, this, waits ? scope : null, waits), limits, nested);
    }

    private Cgroup scoped(CgroupChoice.Scope where, String name, Limits limits, boolean nested) throws IOException {
        HeldScope around = scope(where);
        return below(scopedGroup(where), new Cgroup(name, true, this, waits ? around : null, waits), limits, nested);
    }

    private JvmGroup scopedGroup(CgroupChoice.Scope where) throws IOException {
        return unifiedGroup(new CgroupChoice.Unified(scope(where).path(), List.of(), false));
    }

    private Cgroup below(JvmGroup group, Cgroup made, Limits limits, boolean nested) throws IOException {
        for (int i = 0; i < limits.all().size(); i++) {
            enable(group, limits.all().get(i).limit().controller());
        }
        try {
            made.add(null, group.directory());
            made.apply(limits);
            if (nested) {
                made.nest();
            }
            return made;
        } catch (IOException | RuntimeException e) {
            made.abandon(e);
            throw e;
        }
    }

    private synchronized HeldScope scope(CgroupChoice.Scope where) throws IOException {
        HeldScope known = scope;
        if (known == null) {
            known = HeldScope.ofJvm(where.mount(), HostProbe.host().uid());
            scope = known;
        }
        return known;
    }

    private synchronized JvmGroup unifiedGroup(CgroupChoice.Unified where) throws ErrnoException {
        int last = groups.length - 1;
        JvmGroup group = groups[last];
        if (group == null) {
            if (where.evacuate()) {
                Evacuation.of(where.base());
            }
            group = made(where.base());
            groups[last] = group;
            enable(group, Controller.CPU);
            enable(group, Controller.MEMORY);
            enable(group, Controller.IO);
            enable(group, Controller.PIDS);
        }
        return group;
    }

    /// What can't be enabled is missing later, when a limit needs it. Those that only a few limits need make each group
    /// more expensive: they are enabled when the first one comes.
    private synchronized void enable(JvmGroup group, Controller controller) {
        if (controller.unified().isEmpty() || enabled[controller.ordinal()]) {
            return;
        }
        enabled[controller.ordinal()] = true;
        String value = "+" + controller.unified();
        try {
            group.base().write("cgroup.subtree_control", value);
            if (lasting) {
                return;
            }
            group.directory().write("cgroup.subtree_control", value);
        } catch (ErrnoException e) {
            // not delegated, or not in this kernel
        }
    }

    /// Gives a group that has processes already what it needs for limits of a controller.
    void extend(Cgroup group, Controller controller) throws IOException {
        if (choice instanceof CgroupChoice.Unified unified) {
            enable(unifiedGroup(unified), controller);
        }
        if (choice instanceof CgroupChoice.Scope scoped) {
            enable(scopedGroup(scoped), controller);
        }
        if (choice instanceof CgroupChoice.Legacy legacy) {
            String path = legacy.base(controller);
            if (!path.isEmpty() && group.directory(controller) == null) {
                group.addLate(controller, legacyGroup(new CgroupChoice.Legacy.Base(controller, path)).directory());
            }
        }
    }

    private Cgroup legacy(CgroupChoice.Legacy where, String name, Limits limits, boolean nested) throws IOException {
        Cgroup made = new Cgroup(name, false, this, scope, waits);
        try {
            for (int i = 0; i < where.bases().size(); i++) {
                CgroupChoice.Legacy.Base base = where.bases().get(i);
                if (Availability.needed(base.controller(), limits, where)) {
                    made.add(base.controller(), legacyGroup(base).directory());
                }
            }
            if (!where.unifiedBase().isEmpty()) {
                made.add(null, besideLegacy(where.unifiedBase()).directory());
            }
            made.apply(limits);
            if (nested) {
                made.nest();
            }
            return made;
        } catch (IOException | RuntimeException e) {
            made.abandon(e);
            throw e;
        }
    }

    private synchronized JvmGroup legacyGroup(CgroupChoice.Legacy.Base base) throws ErrnoException {
        int index = base.controller().ordinal();
        JvmGroup group = groups[index];
        if (group == null) {
            group = sameDirectory(base.path());
            if (group == null) {
                group = made(base.path());
            }
            groups[index] = group;
            if (base.controller() == Controller.CPUSET && !lasting) {
                Cpusets.inherit(group.base(), group.directory());
            }
        }
        return group;
    }

    /// Controllers may share a hierarchy, as cpu and cpuacct often do.
    private @Nullable JvmGroup sameDirectory(String path) {
        for (JvmGroup group : groups) {
            if (group != null && group.base().path().equals(path)) {
                return group;
            }
        }
        return null;
    }

    private synchronized JvmGroup besideLegacy(String base) throws ErrnoException {
        int last = groups.length - 1;
        JvmGroup group = groups[last];
        if (group == null) {
            group = made(base);
            groups[last] = group;
        }
        return group;
    }

    private JvmGroup made(String base) throws ErrnoException {
        if (lasting) {
            return JvmGroup.directly(base);
        }
        JvmGroup group = JvmGroup.below(base);
        if (!removedAtEnd) {
            removedAtEnd = true;
            removeAtEnd();
        }
        return group;
    }

    private void removeAtEnd() {
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(null, new Runnable() {
                @Override
                public void run() {
                    close();
                }
            }, "dolium-cgroups"));
        } catch (IllegalStateException e) {
            // the JVM ends already: the next one removes the groups
        }
    }

    /// Frees what was made around the groups of this JVM, or opened.
    @Override
    public synchronized void close() {
        for (int i = 0; i < groups.length; i++) {
            JvmGroup group = groups[i];
            if (group != null) {
                group.close();
                for (int j = i; j < groups.length; j++) {
                    groups[j] = groups[j] == group ? null : groups[j];
                }
            }
        }
        HeldScope around = scope;
        if (around != null) {
            around.close();
            scope = null;
        }
    }
}
