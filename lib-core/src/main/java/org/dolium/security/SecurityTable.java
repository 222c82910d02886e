// SPDX-License-Identifier: Apache-2.0
package org.dolium.security;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.dolium.capability.Capability;
import org.dolium.namespace.NamespaceKind;

/// A report as a table.
final class SecurityTable {
    private static final int NAMES = 18;
    private static final int WIDTH = 120;

    private final SecurityReport report;
    private final StringBuilder out = new StringBuilder();

    SecurityTable(SecurityReport report) {
        this.report = report;
        out.append("process ").append(report.pid()).append(report.isContainer() ? "" : " (no container)").append('\n');
        identity();
        namespaces();
        mounts();
        resources();
        weaknesses();
    }

    private void line(String name, String value) {
        out.append(name).repeat(' ', Math.max(1, NAMES - name.length()));
        int column = NAMES;
        for (String word : value.split(" ", -1)) {
            if (column > NAMES && column + 1 + word.length() > WIDTH) {
                out.append('\n').repeat(' ', NAMES);
                column = NAMES;
            }
            out.append(column > NAMES ? " " : "").append(word);
            column += 1 + word.length();
        }
        out.append('\n');
    }

    private void identity() {
        line("uid", report.uids() + " on the host, " + report.innerUid() + " inside");
        line("gid", report.gids() + " on the host, groups " + report.groups());
        line("id maps", "uids " + map(report.uidMap()) + ", gids " + map(report.gidMap()));
        line("no_new_privs", report.noNewPrivileges() ? "on" : "off");
        int filters = report.systemCallFilters();
        line("seccomp", filters == 0 ? "off" : filters == 1 ? "1 filter" : filters + " filters");
        line("capabilities", set(report.effectiveCapabilities()));
        line("  bounding", same(report.boundingCapabilities()));
        line("  permitted", same(report.permittedCapabilities()));
        line("  inheritable", set(report.inheritableCapabilities()));
        line("  ambient", set(report.ambientCapabilities()));
        line("LSM label", report.label().orElse("none"));
        line("session keyring", "not readable: the kernel tells it to the process alone");
        line("Landlock", "not readable: the kernel tells it to nobody");
        for (String asked : report.askedFor()) {
            line("asked for", asked + " (can't be read back)");
        }
    }

    private static String map(java.util.Optional<org.dolium.namespace.IdMaps> map) {
        return map.isEmpty() ? "unknown" : map.get().toString();
    }

    private static String set(Set<Capability> set) {
        if (set.isEmpty()) {
            return "none";
        }
        StringBuilder text = new StringBuilder();
        for (Capability capability : set) {
            text.append(text.isEmpty() ? "" : " ").append(capability);
        }
        return text.toString();
    }

    private String same(Set<Capability> set) {
        return !set.isEmpty() && set.equals(report.effectiveCapabilities()) ? "the same" : set(set);
    }

    private void namespaces() {
        StringBuilder own = new StringBuilder();
        StringBuilder shared = new StringBuilder();
        for (NamespaceKind kind : NamespaceKind.values()) {
            (report.isPrivate(kind) ? own : shared).append(' ').append(Weaknesses.name(kind));
        }
        line("namespaces", "private:" + (own.isEmpty() ? " none" : own) + "; shared:" + (shared.isEmpty() ? " none" : shared));
    }

    private void mounts() {
        line("root", report.rootReadOnly() ? "read-only" : "can be written");
        line("masked", list(report.maskedPaths()));
        line("devices", report.devices().map(SecurityTable::devices).orElse("unknown"));
        for (MountEntry mount : report.mounts()) {
            if (!mount.masks()) {
                line("mount", mount.point() + " " + mount.type() + " " + String.join(",", mount.flags()) + " "
                        + mount.propagation());
            }
        }
    }

    private static String list(List<String> paths) {
        return paths.isEmpty() ? "nothing" : String.join(" ", paths);
    }

    private static String devices(List<String> devices) {
        return devices.isEmpty() ? "none" : String.join(", ", devices);
    }

    private void resources() {
        CgroupState group = report.cgroup().orElse(null);
        if (group == null) {
            line("cgroup", "none to be seen");
        } else {
            line("cgroup", group.path());
            line("  memory", limit(group.memoryBytes()) + ", swap " + limit(group.swapBytes()));
            line("  processes", limit(group.processes()));
            line("  devices", report.deviceList().orElse("not readable by this user"));
            line("  cpus", group.cpus() < 0 ? "no limit" : String.format(Locale.ROOT, "%.2f", group.cpus()));
        }
        line("core dumps", report.coreLimitBytes() == 0 ? "off" : limit(report.coreLimitBytes()));
        line("OOM score", Integer.toString(report.oomScoreAdjustment()));
    }

    private static String limit(long value) {
        return value < 0 ? "no limit" : Long.toString(value);
    }

    private void weaknesses() {
        List<Weakness> weaknesses = report.weaknesses();
        line("weaker than usual", weaknesses.isEmpty() ? "in nothing" : "");
        for (int i = 0; i < weaknesses.size(); i++) {
            out.append("  ").append(weaknesses.get(i)).append('\n');
        }
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
