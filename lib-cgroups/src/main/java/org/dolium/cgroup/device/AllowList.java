// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.device;

import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.DeviceRule;
import org.dolium.cgroup.DeviceRule.Type;

/// A list of rules in the one form that both versions of cgroups understand alike: only character and block rules, and one
/// for each kind and pair of numbers. Cgroup v1 has no other form: there, a line of type `a` allows everything, whatever
/// numbers follow it.
final class AllowList {
    /// Keeps the program of a list below 4096 instructions.
    static final int MAX = 450;

    private AllowList() {}

    /// @throws IllegalArgumentException if there are more than [#MAX] rules
    static List<DeviceRule> of(List<DeviceRule> rules) {
        List<DeviceRule> entries = new ArrayList<>();
        for (DeviceRule rule : rules) {
            if (rule.type() != Type.BLOCK) {
                add(entries, as(Type.CHARACTER, rule, rule));
            }
            if (rule.type() != Type.CHARACTER) {
                add(entries, as(Type.BLOCK, rule, rule));
            }
        }
        if (entries.size() > MAX) {
            throw new IllegalArgumentException(
                    "a list of " + entries.size() + " device rules is longer than " + MAX + " (type a counts twice)");
        }
        return entries;
    }

    private static void add(List<DeviceRule> entries, DeviceRule entry) {
        int at = find(entries, entry);
        if (at < 0) {
            entries.add(entry);
        } else {
            entries.set(at, as(entry.type(), entry, entries.get(at)));
        }
    }

    /// Where the rule about the same nodes is, or -1.
    static int find(List<DeviceRule> entries, DeviceRule wanted) {
        for (int i = 0; i < entries.size(); i++) {
            DeviceRule entry = entries.get(i);
            if (entry.type() == wanted.type() && entry.major() == wanted.major() && entry.minor() == wanted.minor()) {
                return i;
            }
        }
        return -1;
    }

    /// A rule about the nodes of `a` that allows what one of both does.
    private static DeviceRule as(Type type, DeviceRule a, DeviceRule b) {
        return new DeviceRule(
                type, a.major(), a.minor(), a.read() || b.read(), a.write() || b.write(), a.make() || b.make());
    }
}
