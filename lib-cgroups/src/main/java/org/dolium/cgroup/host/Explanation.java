// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.Controller;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.device.DeviceProgram;
import org.dolium.cgroup.device.DeviceWrite;
import org.dolium.cgroup.device.LegacyDevices;
import org.dolium.cgroup.file.Setting;
import org.dolium.cgroup.v1.LegacySettings;
import org.dolium.cgroup.v2.UnifiedSettings;
import org.jspecify.annotations.Nullable;

/// What the making of a group does, in words of strace(1), without doing it.
final class Explanation {
    private static final String JVM_GROUP = "/dolium-*/";

    private final StringBuilder out = new StringBuilder();
    private final String name;
    private final Limits limits;
    private final boolean nested;
    private final @Nullable Delegation delegation;

    private Explanation(String name, Limits limits, boolean nested, @Nullable Delegation delegation) {
        this.delegation = delegation;
        this.name = name;
        this.limits = limits;
        this.nested = nested;
    }

    static String of(
            CgroupChoice choice, String name, Limits limits, boolean nested, @Nullable Delegation delegation) {
        Explanation explanation = new Explanation(name, limits, nested, delegation);
        if (choice instanceof CgroupChoice.Unified unified) {
            explanation.unified(unified.base());
        } else if (choice instanceof CgroupChoice.Legacy legacy) {
            explanation.legacy(legacy);
        } else if (choice instanceof CgroupChoice.Scope scope) {
            explanation.unified(scope.mount().mountPoint() + "/*.scope");
        }
        return explanation.out.toString();
    }

    private void unified(String base) {
        String path = base + JVM_GROUP + name;
        make(path);
        write(path, UnifiedSettings.lower(limits), null);
        program(path);
        nest(path);
        delegate(path);
    }

    private void legacy(CgroupChoice.Legacy where) {
        List<String> paths = new ArrayList<>();
        for (int i = 0; i < where.bases().size(); i++) {
            CgroupChoice.Legacy.Base base = where.bases().get(i);
            if (Availability.needed(base.controller(), limits, where)) {
                legacy(base.path() + JVM_GROUP + name, base.controller(), paths);
            }
        }
        if (!where.unifiedBase().isEmpty()) {
            String path = where.unifiedBase() + JVM_GROUP + name;
            make(path);
            if (where.base(Controller.DEVICES).isEmpty()) {
                program(path);
            }
            paths.add(path);
        }
        for (int i = 0; i < paths.size(); i++) {
            nest(paths.get(i));
        }
        if (!where.unifiedBase().isEmpty()) {
            delegate(where.unifiedBase() + JVM_GROUP + name);
        }
    }

    private void legacy(String path, Controller controller, List<String> paths) {
        if (!paths.contains(path)) {
            make(path);
            paths.add(path);
        }
        write(path, LegacySettings.lower(limits), controller);
        Limit.Devices devices = limits.find(Limit.Devices.class);
        if (devices != null && controller == Controller.DEVICES) {
            List<DeviceWrite> writes = LegacyDevices.initial(devices.allowed());
            for (int i = 0; i < writes.size(); i++) {
                write(path, writes.get(i).file(), writes.get(i).text());
            }
        }
    }

    private void write(String path, List<Setting> settings, @Nullable Controller controller) {
        for (int i = 0; i < settings.size(); i++) {
            if (controller == null || settings.get(i).controller() == controller) {
                write(path, settings.get(i).file(), settings.get(i).value());
            }
        }
    }

    private void program(String path) {
        Limit.Devices devices = limits.find(Limit.Devices.class);
        if (devices != null) {
            int length = DeviceProgram.compile(devices.allowed()).length();
            out.append("bpf(BPF_PROG_ATTACH, {target=\"").append(path).append("\", insn_cnt=").append(length)
                    .append("})\n");
        }
    }

    private void make(String path) {
        out.append("mkdir(\"").append(path).append("\", 0755)\n");
    }

    private void nest(String path) {
        if (nested) {
            make(path + "/" + Cgroup.INNER);
        }
    }

    private void delegate(String path) {
        if (delegation == null) {
            return;
        }
        write(path, "cgroup.max.depth", Integer.toString(Delegation.MOST_LEVELS));
        write(path, "cgroup.max.descendants", Integer.toString(Delegation.MOST_GROUPS));
        make(path + "/" + Cgroup.BESIDE);
        for (String controller : Delegation.CONTROLLERS) {
            write(path, "cgroup.subtree_control", "+" + controller);
        }
        String[] files = {"", "/cgroup.procs", "/cgroup.threads", "/cgroup.subtree_control"};
        for (String file : files) {
            out.append("chown(\"").append(path).append('/').append(Cgroup.INNER).append(file).append("\", ")
                    .append(delegation.uid()).append(", ").append(delegation.gid()).append(")\n");
        }
    }

    private void write(String path, String file, String value) {
        out.append("write(<").append(path).append('/').append(file).append(">, \"").append(value).append("\")\n");
    }
}
