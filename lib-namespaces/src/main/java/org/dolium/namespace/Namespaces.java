// SPDX-License-Identifier: Apache-2.0
package org.dolium.namespace;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
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

    /// The flags of every new namespace.
    public long cloneFlags() {
        long flags = 0;
        for (Map.Entry<NamespaceKind, NamespaceMode> entry : modes.entrySet()) {
            if (entry.getValue() instanceof NamespaceMode.New) {
                flags |= entry.getKey().cloneFlag();
            }
        }
        return flags;
    }

    /// The files of the namespaces to join, in the order in which they are joined: the user namespace first, because it
    /// gives the right to join the others.
    public List<Path> joined() {
        List<Path> paths = new ArrayList<>();
        for (NamespaceMode mode : modes.values()) {
            if (mode instanceof NamespaceMode.Join join) {
                paths.add(join.path());
            }
        }
        return paths;
    }

    /// Joins the namespaces of [#joined], whose descriptors are numbered upwards from `firstFd`.
    public void lowerJoins(PlanBuilder plan, int firstFd) {
        int fd = firstFd;
        for (Map.Entry<NamespaceKind, NamespaceMode> entry : modes.entrySet()) {
            if (entry.getValue() instanceof NamespaceMode.Join) {
                NamespaceKind kind = entry.getKey();
                plan.add(Sys.SETNS, Arg.num(fd++), Arg.flags(kind.cloneFlag(), kind.flagName()));
            }
        }
    }
}
