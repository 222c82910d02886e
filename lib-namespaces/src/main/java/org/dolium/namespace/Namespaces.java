// SPDX-License-Identifier: Apache-2.0
package org.dolium.namespace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.linux.Errno;
import org.dolium.plan.PlanBuilder;

/// Where each namespace of a process comes from. Kinds that are not mentioned are the JVM's.
public final class Namespaces {
    /// By the kind's ordinal, in the order in which they are joined. An array, as an EnumMap looks its enum up by
    /// reflection, which costs a new JVM some milliseconds.
    private final NamespaceMode[] modes;

    private Namespaces(NamespaceMode[] modes) {
        this.modes = modes;
    }

    public static Namespaces of(Map<NamespaceKind, NamespaceMode> modes) {
        NamespaceMode[] all = new NamespaceMode[NamespaceKind.values().length];
        Arrays.fill(all, NamespaceMode.host());
        for (Map.Entry<NamespaceKind, NamespaceMode> entry : modes.entrySet()) {
            all[entry.getKey().ordinal()] = entry.getValue();
        }
        return new Namespaces(all);
    }

    public NamespaceMode mode(NamespaceKind kind) {
        return modes[kind.ordinal()];
    }

    public boolean isNew(NamespaceKind kind) {
        return mode(kind) instanceof NamespaceMode.New;
    }

    public boolean joins(NamespaceKind kind) {
        return mode(kind).joins();
    }

    /// The flags of the namespaces that clone3(2) makes: none where a user namespace is joined, because the others are
    /// to belong to that one.
    public long cloneFlags() {
        return joins(NamespaceKind.USER) ? 0 : newFlags();
    }

    private long newFlags() {
        long flags = 0;
        for (NamespaceKind kind : NamespaceKind.values()) {
            if (isNew(kind) && kind != NamespaceKind.TIME) {
                flags |= kind.cloneFlag();
            }
        }
        return flags;
    }

    /// The flags of all that are not the JVM's: those that another process enters to be where this one is.
    public long entryFlags() {
        long flags = 0;
        for (NamespaceKind kind : NamespaceKind.values()) {
            if (isNew(kind) || joins(kind)) {
                flags |= kind.cloneFlag();
            }
        }
        return flags;
    }

    /// Whether the process that joined or made them is itself not yet in its pid namespace, only its children are.
    public boolean pidsNeedFork() {
        return joins(NamespaceKind.PID) || joins(NamespaceKind.USER) && isNew(NamespaceKind.PID);
    }

    /// The namespaces to join, in the order in which they are joined: the user namespace first, because it gives the
    /// right to join the others.
    public List<NamespaceMode> joined() {
        List<NamespaceMode> joined = new ArrayList<>();
        for (NamespaceMode mode : modes) {
            if (mode.joins()) {
                joined.add(mode);
            }
        }
        return joined;
    }

    /// Joins the namespaces of [#joined], whose descriptors are numbered upwards from `firstFd`.
    public void lowerJoins(PlanBuilder plan, int firstFd) {
        int fd = firstFd;
        for (NamespaceKind kind : NamespaceKind.values()) {
            if (joins(kind)) {
                plan.add(Sys.SETNS, Arg.num(fd++), Arg.flags(kind.cloneFlag(), kind.flagName()));
                if (kind == NamespaceKind.USER) {
                    lowerBelowUser(plan);
                }
            }
        }
    }

    /// In a user namespace that was joined: become its root where it has one, and make the new namespaces.
    private void lowerBelowUser(PlanBuilder plan) {
        Arg.Num root = Arg.num(0);
        plan.addTolerant(Syscall.of(Sys.SETRESGID, root, root, root), Errno.EINVAL);
        plan.addTolerant(Syscall.of(Sys.SETRESUID, root, root, root), Errno.EINVAL);
        if (newFlags() != 0) {
            plan.add(Sys.UNSHARE, Arg.flags(newFlags(), flagsText(newFlags())));
        }
    }

    /// `CLONE_NEW*` flags as text.
    public static String flagsText(long flags) {
        StringBuilder out = new StringBuilder();
        for (NamespaceKind kind : NamespaceKind.values()) {
            if ((flags & kind.cloneFlag()) != 0) {
                out.append(out.isEmpty() ? "" : "|").append(kind.flagName());
            }
        }
        return out.toString();
    }
}
