// SPDX-License-Identifier: Apache-2.0
package org.dolium.namespace;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.linux.Errno;
import org.dolium.plan.PlanBuilder;

/// Where each namespace of a process comes from. Kinds that are not mentioned are the JVM's.
public final class Namespaces {
    private final EnumMap<NamespaceKind, NamespaceMode> modes;

    private Namespaces(EnumMap<NamespaceKind, NamespaceMode> modes) {
        this.modes = modes;
    }

    public static Namespaces of(Map<NamespaceKind, NamespaceMode> modes) {
        EnumMap<NamespaceKind, NamespaceMode> copy = new EnumMap<>(NamespaceKind.class);
        copy.putAll(modes);
        return new Namespaces(copy);
    }

    public NamespaceMode mode(NamespaceKind kind) {
        NamespaceMode mode = modes.get(kind);
        return mode == null ? NamespaceMode.host() : mode;
    }

    public boolean isNew(NamespaceKind kind) {
        return modes.get(kind) instanceof NamespaceMode.New;
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
        for (Map.Entry<NamespaceKind, NamespaceMode> entry : modes.entrySet()) {
            if (entry.getValue() instanceof NamespaceMode.New && entry.getKey() != NamespaceKind.TIME) {
                flags |= entry.getKey().cloneFlag();
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
        for (NamespaceMode mode : modes.values()) {
            if (mode.joins()) {
                joined.add(mode);
            }
        }
        return joined;
    }

    /// Joins the namespaces of [#joined], whose descriptors are numbered upwards from `firstFd`.
    public void lowerJoins(PlanBuilder plan, int firstFd) {
        int fd = firstFd;
        for (Map.Entry<NamespaceKind, NamespaceMode> entry : modes.entrySet()) {
            if (entry.getValue().joins()) {
                NamespaceKind kind = entry.getKey();
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
