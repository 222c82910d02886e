// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.dolium.cgroup.Controller;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.file.Setting;
import org.dolium.cgroup.host.Cgroup;
import org.dolium.cgroup.host.CgroupPart;
import org.dolium.cgroup.host.Cgroups;

/// Writes for the referee which cgroup Dolium makes for each start of a spec: see `group.c`. A group is made once and
/// asked where it is, so that the directories and limits are Dolium's own.
final class GroupFile {
    private GroupFile() {}

    static void write(Path file, Object groupPlan) throws IOException, ReflectiveOperationException {
        Cgroups cgroups = (Cgroups) OwnPlan.component(groupPlan, "cgroups");
        if (cgroups == null) {
            return;
        }
        Limits limits = (Limits) Objects.requireNonNull(OwnPlan.component(groupPlan, "limits"));
        try (Cgroup cgroup = cgroups.create(null, limits)) {
            Files.write(file, lines(cgroup, limits));
        }
    }

    private static List<String> lines(Cgroup cgroup, Limits limits) {
        List<String> lines = new ArrayList<>();
        List<CgroupPart> parts = cgroup.parts();
        for (CgroupPart part : parts) {
            boolean unified = part.controller() == null;
            lines.add("group " + (unified ? 1 : 0) + " " + (unified ? 0 : 1) + " " + part.parent());
        }
        for (Setting setting : cgroup.settings(limits)) {
            lines.add("set " + index(cgroup, parts, setting.controller()) + " " + setting.file() + " " + setting.value());
        }
        if (cgroup.isUnified()) {
            lines.add("read 0 memory.events");
            lines.add("read 0 memory.peak");
            lines.add("read 0 cpu.stat");
        } else {
            lines.add("read " + index(cgroup, parts, Controller.MEMORY) + " memory.oom_control");
            lines.add("read " + index(cgroup, parts, Controller.MEMORY) + " memory.max_usage_in_bytes");
            lines.add("read " + index(cgroup, parts, Controller.CPUACCT) + " cpuacct.usage");
        }
        return lines;
    }

    private static int index(Cgroup cgroup, List<CgroupPart> parts, Controller controller) {
        for (int i = 0; i < parts.size(); i++) {
            if (parts.get(i).directory() == cgroup.directory(controller)) {
                return i;
            }
        }
        throw new IllegalStateException("the group has no directory of " + controller);
    }
}
