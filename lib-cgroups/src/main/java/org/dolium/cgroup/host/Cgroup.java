// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.Controller;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.Requirement;
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
    private final String name;
    private final boolean limitsUnified;
    private final List<CgroupPart> parts = new ArrayList<>(4);
    private final List<Unenforceable> notInForce = new ArrayList<>(0);
    private Limits limits = Limits.none();
    private boolean closed;

    Cgroup(String name, boolean limitsUnified) {
        this.name = name;
        this.limitsUnified = limitsUnified;
    }

    /// Makes a directory of this group. A name that is taken is an error.
    void add(@Nullable Controller controller, CgroupDirectory parent) throws IOException {
        if (controller != null && in(parent)) {
            return; // controllers that share a hierarchy
        }
        CgroupDirectory directory;
        try {
            directory = parent.make(name);
        } catch (ErrnoException e) {
            if (e.errno().equals(Errno.EEXIST)) {
                throw new IOException("there is a container named '" + name + "' already", e);
            }
            throw e;
        }
        parts.add(new CgroupPart(controller, parent, directory));
        if (controller == Controller.CPUSET) {
            Cpusets.inherit(parent, directory);
        }
    }

    private boolean in(CgroupDirectory parent) {
        for (int i = 0; i < parts.size(); i++) {
            if (parts.get(i).parent() == parent) {
                return true;
            }
        }
        return false;
    }

    /// Sets limits; those that are there already and are not mentioned stay.
    synchronized void apply(Limits wanted) throws IOException {
        Limits all = limits.with(wanted);
        Settings.write(this, settings(wanted), wanted, notInForce);
        limits = all;
    }

    /// Changes limits of a living container. What is not mentioned stays as it is.
    ///
    /// @throws IOException if one can't be enforced; those before it may be in force then
    public void update(Limits changed) throws IOException {
        apply(changed);
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
        for (int i = 0; i < parts.size(); i++) {
            CgroupPart part = parts.get(i);
            if (part.controller() == controller) {
                return part.directory();
            }
        }
        return null;
    }

    /// The directory of cgroup v2, or null if this machine has only v1.
    public @Nullable CgroupDirectory unified() {
        for (int i = 0; i < parts.size(); i++) {
            if (parts.get(i).controller() == null) {
                return parts.get(i).directory();
            }
        }
        return null;
    }

    /// Whether limits and figures are in cgroup v2.
    public boolean isUnified() {
        return limitsUnified;
    }

    /// The directory for `CLONE_INTO_CGROUP`, or null.
    public @Nullable Fd into() {
        CgroupDirectory unified = unified();
        return unified == null ? null : unified.fd();
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
                    tasks.add(parts.get(i).directory().openFile("tasks", CgroupDirectory.O_WRONLY));
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
        String text = memory.readIfThere(limitsUnified ? "memory.events" : "memory.oom_control");
        return text == null ? 0 : Math.max(0, Figures.field(text, "oom_kill"));
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
        String text = unified == null ? null : unified.readIfThere("cpu.stat");
        long micros = text == null ? -1 : Figures.field(text, "usage_usec");
        return micros < 0 ? -1 : micros * 1000;
    }

    private long number(Controller controller, String file) throws ErrnoException {
        CgroupDirectory directory = directory(controller);
        String text = directory == null ? null : directory.readIfThere(file);
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
        return limitsUnified ? UnifiedSettings.lower(wanted) : LegacySettings.lower(wanted);
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
        ErrnoException failure = null;
        for (int i = parts.size() - 1; i >= 0; i--) {
            CgroupPart part = parts.get(i);
            try {
                Removal.killAndRemove(part.parent(), part.directory(), name);
            } catch (ErrnoException e) {
                failure = e;
            }
            part.directory().close();
        }
        if (failure != null) {
            throw failure;
        }
    }

    void abandon(Exception why) {
        try {
            close();
        } catch (ErrnoException e) {
            why.addSuppressed(e);
        }
    }

    /// How badly a limit is wanted.
    static Limits.Wanted wanted(Limits limits, Limit limit) {
        Requirement requirement = limits.requirement(limit);
        return new Limits.Wanted(limit, requirement);
    }

    @Override
    public String toString() {
        return "cgroup " + name;
    }
}
