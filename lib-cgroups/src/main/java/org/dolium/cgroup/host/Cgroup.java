// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.Controller;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.cgroup.file.Figures;
import org.dolium.cgroup.file.Setting;
import org.dolium.cgroup.v1.LegacySettings;
import org.dolium.cgroup.v2.UnifiedSettings;
import org.dolium.kernel.Fd;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.jspecify.annotations.Nullable;

/// The cgroup of one container: one directory of cgroup v2, or one in each hierarchy of v1 that it needs and, where there
/// is one, one in a v2 hierarchy without controllers. Made before the container's first instruction and removed after
/// its last.
public final class Cgroup implements AutoCloseable {
    static final String INNER = "inner";
    /// Where further commands are when the container has groups of its own: no processes may be above those.
    static final String BESIDE = "exec";

    private final String name;
    private final boolean limitsUnified;
    private final @Nullable Cgroups maker;
    private final @Nullable HeldScope mover;
    private final boolean waits;
    private final List<CgroupPart> parts = new ArrayList<>(4);
    /// By the ordinal of the controller: controllers of cgroup v1 may share a directory.
    private final @Nullable CgroupPart[] byController = new CgroupPart[Controller.values().length];
    private final List<Unenforceable> notInForce = new ArrayList<>(0);
    private final DeviceList devices = new DeviceList();
    private Limits limits = Limits.none();
    /// Where the processes are if not in the directories with the limits; for each of [#parts].
    private @Nullable List<CgroupDirectory> inner;
    /// Where further commands are in cgroup v2 if not where the first one is.
    private @Nullable CgroupDirectory beside;
    private boolean closed;

    Cgroup(String name, boolean limitsUnified) {
        this(name, limitsUnified, null);
    }

    /// @param maker who can add controllers later
    Cgroup(String name, boolean limitsUnified, @Nullable Cgroups maker) {
        this(name, limitsUnified, maker, null, false);
    }

    /// @param maker who can add controllers later
    /// @param mover who moves processes into it, or null if the JVM can; for cgroup v1 the one that is around it, or null
    /// @param waits whether processes are moved into it, and not born in it
    Cgroup(
            String name, boolean limitsUnified, @Nullable Cgroups maker, @Nullable HeldScope mover, boolean waits) {
        this.name = name;
        this.limitsUnified = limitsUnified;
        this.maker = maker;
        this.mover = mover;
        this.waits = waits;
    }

    /// Makes a directory of this group. A name that is taken is an error.
    void add(@Nullable Controller controller, CgroupDirectory parent) throws IOException {
        CgroupPart part = controller == null ? null : in(parent);
        if (part == null) {
            part = new CgroupPart(controller, parent, makeNew(parent));
            parts.add(part);
        }
        if (controller != null) {
            byController[controller.ordinal()] = part;
        }
        if (controller == Controller.CPUSET) {
            Cpusets.inherit(parent, part.directory());
        }
    }

    /// Takes a directory that there is already, or nothing if there is none.
    void addFound(@Nullable Controller controller, CgroupDirectory parent) throws ErrnoException {
        CgroupPart part = controller == null ? null : in(parent);
        if (part == null) {
            CgroupDirectory directory = childIfThere(parent, name);
            if (directory == null) {
                return;
            }
            part = new CgroupPart(controller, parent, directory);
            parts.add(part);
        }
        if (controller != null) {
            byController[controller.ordinal()] = part;
        }
    }

    private static @Nullable CgroupDirectory childIfThere(CgroupDirectory parent, String name) throws ErrnoException {
        try {
            return parent.child(name);
        } catch (ErrnoException e) {
            if (e.errno().equals(Errno.ENOENT)) {
                return null;
            }
            throw e;
        }
    }

    /// What was found is all.
    ///
    /// @param known the limits in force
    /// @return whether it is anything
    synchronized boolean found(Limits known) throws ErrnoException {
        limits = known;
        List<CgroupDirectory> below = new ArrayList<>(parts.size());
        for (int i = 0; i < parts.size(); i++) {
            CgroupDirectory directory = childIfThere(parts.get(i).directory(), INNER);
            if (directory != null) {
                below.add(directory);
            }
        }
        if (below.size() == parts.size() && !below.isEmpty()) {
            inner = below;
            int part = unifiedPart();
            beside = part < 0 ? null : childIfThere(parts.get(part).directory(), BESIDE);
        } else {
            for (int i = 0; i < below.size(); i++) {
                below.get(i).close();
            }
        }
        return !parts.isEmpty();
    }

    /// Gives it out of hand: it stays as it is.
    public synchronized void release() {
        closed = true;
        closeDirectories();
    }

    private void closeDirectories() {
        for (int i = parts.size() - 1; i >= 0; i--) {
            parts.get(i).directory().close();
            if (inner != null && i < inner.size()) {
                inner.get(i).close();
            }
        }
        if (beside != null) {
            beside.close();
        }
        devices.close();
    }

    private CgroupDirectory makeNew(CgroupDirectory parent) throws IOException {
        try {
            return parent.make(name);
        } catch (ErrnoException e) {
            if (e.errno().equals(Errno.EEXIST)) {
                throw new IOException("there is a container named '" + name + "' already", e);
            }
            throw e;
        }
    }

    private @Nullable CgroupPart in(CgroupDirectory parent) {
        for (int i = 0; i < parts.size(); i++) {
            if (parts.get(i).parent() == parent) {
                return parts.get(i);
            }
        }
        return null;
    }

    /// As [#add], for a group of cgroup v1 that has processes already.
    void addLate(Controller controller, CgroupDirectory parent) throws IOException {
        int before = parts.size();
        add(controller, parent);
        if (parts.size() > before) {
            if (inner != null) {
                inner.add(nest(parts.get(before)));
            }
            Enrolment.of(inhabited(0), inhabited(before));
        }
    }

    /// Puts the processes one level below the limits, out of reach of a container that can mount cgroup file systems:
    /// what it sees of them begins with that level. To be called when the limits are set.
    void nest() throws ErrnoException {
        inner = new ArrayList<>(parts.size());
        for (int i = 0; i < parts.size(); i++) {
            inner.add(nest(parts.get(i)));
        }
    }

    /// Gives the container the group of cgroup v2 that its processes are in, one level below the limits, to make groups of its own in.
    /// To be called after [#nest].
    void delegate(Delegation to) throws ErrnoException {
        int part = unifiedPart();
        CgroupDirectory limited = parts.get(part).directory();
        limited.write("cgroup.max.depth", Integer.toString(Delegation.MOST_LEVELS));
        limited.write("cgroup.max.descendants", Integer.toString(Delegation.MOST_GROUPS));
        beside = limited.make(BESIDE);
        Delegation.enable(limited);
        to.give(inhabited(part));
    }

    private CgroupDirectory nest(CgroupPart part) throws ErrnoException {
        CgroupDirectory made = part.directory().make(INNER);
        if (byController[Controller.CPUSET.ordinal()] == part) {
            Cpusets.inherit(part.directory(), made);
        }
        return made;
    }

    private CgroupDirectory inhabited(int part) {
        return inner == null ? parts.get(part).directory() : inner.get(part);
    }

    /// Sets limits; those that are there already and are not mentioned stay.
    synchronized void apply(Limits wanted) throws IOException {
        Limits all = limits.with(wanted);
        forget(wanted);
        List<Setting> settings = settings(wanted);
        int cpuset = inner == null ? -1 : parts.indexOf(byController[Controller.CPUSET.ordinal()]);
        if (cpuset >= 0) {
            Cpusets.narrow(inhabited(cpuset), settings);
        }
        Settings.write(this, settings, all, notInForce);
        if (cpuset >= 0) {
            Cpusets.copy(parts.get(cpuset).directory(), inhabited(cpuset));
        }
        devices.apply(this, wanted, notInForce);
        limits = all;
    }

    /// A limit that is asked for anew may be in force this time.
    private void forget(Limits wanted) {
        for (int i = notInForce.size() - 1; i >= 0; i--) {
            if (wanted.has(notInForce.get(i).wanted().limit())) {
                notInForce.remove(i);
            }
        }
    }

    /// Changes limits of a living container. What is not mentioned stays as it is.
    ///
    /// @throws IOException if one can't be enforced; those before it may be in force then
    public synchronized void update(Limits changed) throws IOException {
        if (closed) {
            throw new IllegalStateException("the container has been closed");
        }
        for (int i = 0; maker != null && i < changed.all().size(); i++) {
            maker.extend(this, changed.all().get(i).limit().controller());
        }
        if (limitsUnified) {
            MemoryInUse.check(this, changed);
        }
        apply(changed);
    }

    /// What was asked for.
    public synchronized Limits limits() {
        return limits;
    }

    /// The limits that were asked for as preferred and are not in force.
    public synchronized List<Unenforceable> notInForce() {
        return List.copyOf(notInForce);
    }

    /// The directory with the files of a controller, or null if this group has none.
    public @Nullable CgroupDirectory directory(Controller controller) {
        if (limitsUnified) {
            return unified();
        }
        CgroupPart part = byController[controller.ordinal()];
        return part == null ? null : part.directory();
    }

    /// Where the processes are in the hierarchy of a controller of cgroup v1, or null.
    @Nullable CgroupDirectory inhabited(Controller controller) {
        CgroupPart part = byController[controller.ordinal()];
        return part == null ? null : inhabited(parts.indexOf(part));
    }

    /// The directory of cgroup v2, or null if this machine has only v1.
    public @Nullable CgroupDirectory unified() {
        int part = unifiedPart();
        return part < 0 ? null : parts.get(part).directory();
    }

    private int unifiedPart() {
        for (int i = 0; i < parts.size(); i++) {
            if (parts.get(i).controller() == null) {
                return i;
            }
        }
        return -1;
    }

    /// Whether limits and figures are in cgroup v2.
    public boolean isUnified() {
        return limitsUnified;
    }

    /// The directory for `CLONE_INTO_CGROUP`, or null.
    public @Nullable Fd into() {
        int part = unifiedPart();
        return part < 0 || waits ? null : inhabited(part).fd();
    }

    /// As [#into], for a further command.
    public @Nullable Fd intoBeside() {
        CgroupDirectory other = beside;
        return other == null || waits ? into() : other.fd();
    }

    /// Whether a process can be neither born into this group nor write itself into it: it waits for [#place].
    public boolean needsPlacing() {
        return waits;
    }

    /// Moves a process of this user in.
    ///
    /// @param further whether it is that of a further command
    public void place(long pid, boolean further) throws IOException, InterruptedException {
        int part = unifiedPart();
        if (!waits || part < 0) {
            throw new IllegalStateException("nobody moves processes into " + this);
        }
        CgroupDirectory target = further && beside != null ? beside : inhabited(part);
        if (mover != null && limitsUnified) {
            mover.attach(pid, target.path());
            return;
        }
        if (mover != null) {
            mover.adopt(pid); // in all hierarchies of cgroup v1 that systemd manages, also in those where this group has no directory
        }
        target.write("cgroup.procs", Long.toString(pid));
    }

    /// The pids of what is in it and below it, in this JVM's pid namespace.
    ///
    /// @param most how many at most
    public List<Long> processes(int most) throws IOException {
        return Members.of(parts.get(Math.max(0, unifiedPart())).directory(), most);
    }

    /// How many files of cgroup v1 a process must write "0" to, to be in this group.
    public int legacyParts() {
        int count = 0;
        for (int i = 0; i < parts.size(); i++) {
            count += parts.get(i).controller() == null ? 0 : 1;
        }
        return count;
    }

    /// Opens these files. A process that writes "0" moves only its own, single thread: unlike a move of another process
    /// that waits for nobody.
    public List<Fd> openTasks() throws ErrnoException {
        List<Fd> tasks = new ArrayList<>(parts.size());
        try {
            for (int i = 0; i < parts.size(); i++) {
                if (parts.get(i).controller() != null) {
                    tasks.add(inhabited(i).openFile("tasks", CgroupDirectory.O_WRONLY));
                }
            }
            return tasks;
        } catch (ErrnoException | RuntimeException e) {
            for (int i = 0; i < tasks.size(); i++) {
                tasks.get(i).close();
            }
            throw e;
        }
    }

    /// How many processes in it the kernel killed because memory ran out; 0 where that is not counted.
    public long oomKills() throws ErrnoException {
        CgroupDirectory memory = directory(Controller.MEMORY);
        if (memory == null) {
            return 0;
        }
        if (!limitsUnified) {
            return legacyOomKills(memory);
        }
        String text = memory.readShort("memory.events");
        return text == null ? 0 : Math.max(0, Figures.field(text, "oom_kill"));
    }

    /// Cgroup v1 counts a death where the process was, not where the limit is.
    private long legacyOomKills(CgroupDirectory memory) throws ErrnoException {
        String text = memory.readShort("memory.oom_control");
        long kills = text == null ? 0 : Math.max(0, Figures.field(text, "oom_kill"));
        List<String> children = inner == null ? List.of() : memory.children();
        for (int i = 0; i < children.size(); i++) {
            try (CgroupDirectory child = memory.child(children.get(i))) {
                kills += legacyOomKills(child);
            }
        }
        return kills;
    }

    /// The most memory in use at once in bytes, or -1 where that is not counted.
    public long peakMemory() throws ErrnoException {
        return number(Controller.MEMORY, limitsUnified ? "memory.peak" : "memory.max_usage_in_bytes");
    }

    /// User and system time in nanoseconds, or -1 where that is not counted.
    public long cpuNanos() throws ErrnoException {
        if (!limitsUnified) {
            return number(Controller.CPUACCT, "cpuacct.usage");
        }
        CgroupDirectory unified = unified();
        String text = unified == null ? null : unified.readShort("cpu.stat");
        long micros = text == null ? -1 : Figures.field(text, "usage_usec");
        return micros < 0 ? -1 : micros * 1000;
    }

    private long number(Controller controller, String file) throws ErrnoException {
        CgroupDirectory directory = directory(controller);
        String text = directory == null ? null : directory.readShort(file);
        return text == null ? -1 : Figures.number(text);
    }

    /// Kills everything in the group. Frozen processes die too.
    public synchronized void kill() throws ErrnoException {
        if (closed) {
            return;
        }
        CgroupDirectory unified = unified();
        if (unified != null) {
            Removal.kill(unified);
        } else if (!parts.isEmpty()) {
            LegacyFreezer.killFrozen(this);
        }
    }

    /// Its directories.
    public List<CgroupPart> parts() {
        return List.copyOf(parts);
    }

    /// The values that put limits in force in this group.
    public List<Setting> settings(Limits wanted) {
        return limitsUnified ? UnifiedSettings.lower(wanted) : LegacySettings.lower(wanted, limits.with(wanted));
    }

    /// To be called while this is locked, so that it stays open meanwhile.
    void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the container is closed");
        }
    }

    /// Kills what is still in the group and removes it.
    ///
    /// @throws ErrnoException if something in it does not end within some seconds
    @Override
    public synchronized void close() throws ErrnoException {
        if (closed) {
            return;
        }
        closed = true;
        ErrnoException failure = letDie();
        for (int i = parts.size() - 1; i >= 0; i--) {
            CgroupPart part = parts.get(i);
            try {
                Removal.killAndRemove(part.parent(), part.directory(), name);
            } catch (ErrnoException e) {
                failure = e;
            }
        }
        closeDirectories();
        if (failure != null) {
            throw failure;
        }
    }

    /// Only the hierarchy of the freezer of cgroup v1 can let go what is frozen there.
    private @Nullable ErrnoException letDie() {
        CgroupDirectory freezer = unified() == null ? directory(Controller.FREEZER) : null;
        try {
            if (freezer != null) {
                LegacyFreezer.thaw(freezer);
            }
            return null;
        } catch (ErrnoException e) {
            return e;
        }
    }

    void abandon(Exception why) {
        try {
            close();
        } catch (ErrnoException e) {
            why.addSuppressed(e);
        }
    }

    @Override
    public String toString() {
        return "cgroup " + name;
    }
}
