// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.device;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.dolium.cgroup.DeviceRule;
import org.dolium.cgroup.DeviceRule.Type;
import org.dolium.cgroup.device.Requests.Request;

/// A cgroup v1 directory's device list, as security/device_cgroup.c keeps it.
final class LegacyGroup {
    private boolean allowByDefault = true;
    private final Map<String, String> exceptions = new TreeMap<>();

    void write(DeviceWrite write) {
        boolean allow = write.file().equals("devices.allow");
        if (write.text().startsWith("a")) { // whatever follows
            exceptions.clear();
            allowByDefault = allow;
            return;
        }
        int blank = write.text().lastIndexOf(' ');
        String nodes = write.text().substring(0, blank);
        String access = write.text().substring(blank + 1);
        if (allowByDefault) {
            throw new AssertionError("not modelled: " + write);
        }
        String old = exceptions.getOrDefault(nodes, "");
        String kept = old.chars()
                .filter(letter -> access.indexOf(letter) < 0)
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
        String now = allow ? kept + access : kept;
        exceptions.remove(nodes);
        if (!now.isEmpty()) {
            exceptions.put(nodes, now);
        }
    }

    String list() {
        return allowByDefault
                ? "a *:* rwm\n"
                : exceptions.entrySet().stream()
                        .map(entry -> DeviceRule.parse(entry.getKey() + " " + entry.getValue()) + "\n")
                        .collect(Collectors.joining());
    }

    boolean allowed(Request request) {
        String kind = request.type() == Type.BLOCK ? "b " : "c ";
        for (String major : new String[] {"" + request.major(), "*"}) {
            for (String minor : new String[] {"" + request.minor(), "*"}) {
                String access = exceptions.get(kind + major + ":" + minor);
                if (access != null && request.access().chars().allMatch(letter -> access.indexOf(letter) >= 0)) {
                    return true;
                }
            }
        }
        return allowByDefault;
    }
}
