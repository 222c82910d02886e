// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.device;

import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.DeviceRule;
import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.linux.ErrnoException;

/// Lists of allowed devices for cgroup v1, as writes to do in order; see
/// [the devices controller](https://docs.kernel.org/admin-guide/cgroup-v1/devices.html).
///
/// Each denies first and allows then. So after each write the group may do nothing that neither its old list nor its new
/// one allows, and a writer that fails half way leaves it with less than was asked for.
public final class LegacyDevices {
    static final String DENY = "devices.deny";
    static final String ALLOW = "devices.allow";

    private LegacyDevices() {}

    /// Puts a list in force in a group's directory, whatever it has now. The first write that fails ends it: those after
    /// it would not mean what they should.
    ///
    /// @throws ErrnoException with the reason, as that the group above does not allow a device
    public static void apply(CgroupDirectory directory, List<DeviceRule> rules) throws ErrnoException {
        List<DeviceWrite> writes = update(directory.read("devices.list"), rules);
        for (int i = 0; i < writes.size(); i++) {
            try {
                directory.write(writes.get(i).file(), writes.get(i).text());
            } catch (ErrnoException e) {
                throw new DeviceListException(e.call(), e.errno(), "");
            }
        }
    }

    /// For a new group, which has its parent's list until then. It must not have groups of its own yet: the kernel refuses
    /// the first write then.
    public static List<DeviceWrite> initial(List<DeviceRule> rules) {
        List<DeviceWrite> writes = new ArrayList<>();
        writes.add(new DeviceWrite(DENY, "a"));
        for (DeviceRule entry : AllowList.of(rules)) {
            writes.add(new DeviceWrite(ALLOW, entry.toString()));
        }
        return writes;
    }

    /// For a group at work: what both lists allow stays allowed all the time.
    ///
    /// @param current what the group's `devices.list` says now
    /// @throws IllegalArgumentException if `current` is no such text
    public static List<DeviceWrite> update(String current, List<DeviceRule> rules) {
        List<DeviceRule> old = parse(current);
        for (DeviceRule rule : old) {
            if (rule.type() == DeviceRule.Type.ALL) {
                return initial(rules); // nothing is denied yet, so there is no list to change
            }
        }
        List<DeviceRule> wanted = AllowList.of(rules);
        List<DeviceWrite> writes = new ArrayList<>();
        difference(old, wanted, DENY, writes);
        difference(wanted, old, ALLOW, writes);
        return writes;
    }

    private static List<DeviceRule> parse(String list) {
        List<DeviceRule> rules = new ArrayList<>();
        int start = 0;
        while (start < list.length()) {
            int newline = list.indexOf('\n', start);
            int end = newline < 0 ? list.length() : newline;
            rules.add(DeviceRule.parse(list.substring(start, end)));
            start = end + 1;
        }
        return rules;
    }

    /// Writes what `from` allows and `less` does not. The kernel compares numbers as they are written: `c *:* m` takes
    /// nothing from `c 1:3 m`.
    private static void difference(List<DeviceRule> from, List<DeviceRule> less, String file, List<DeviceWrite> out) {
        for (DeviceRule rule : from) {
            int at = AllowList.find(less, rule);
            boolean read = rule.read() && (at < 0 || !less.get(at).read());
            boolean write = rule.write() && (at < 0 || !less.get(at).write());
            boolean make = rule.make() && (at < 0 || !less.get(at).make());
            if (read || write || make) {
                DeviceRule rest = new DeviceRule(rule.type(), rule.major(), rule.minor(), read, write, make);
                out.add(new DeviceWrite(file, rest.toString()));
            }
        }
    }
}
