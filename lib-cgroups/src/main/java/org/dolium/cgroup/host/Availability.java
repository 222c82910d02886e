// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.util.List;
import org.dolium.cgroup.Controller;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.v1.LegacySettings;
import org.jspecify.annotations.Nullable;

/// Which limits and controllers a choice has.
final class Availability {
    private static final String DELEGATE_MORE = "create /etc/systemd/system/user@.service.d/delegate.conf with `[Service]`"
            + " `Delegate=cpu cpuset io memory pids`, run `systemctl daemon-reload`, log in again";

    private Availability() {}

    static @Nullable Unenforceable missing(CgroupChoice choice, Limits.Wanted wanted, Limits all) {
        if (choice instanceof CgroupChoice.Nothing nothing) {
            return new Unenforceable(wanted, nothing.why(), nothing.remedy());
        }
        if (wanted.limit() instanceof Limit.IoWeight || wanted.limit() instanceof Limit.BlkioWeight) {
            if (!DiskSchedulers.anyWithWeights()) {
                return new Unenforceable(
                        wanted, "no disk of this machine has a scheduler that knows weights", DiskSchedulers.REMEDY);
            }
        }
        if (choice instanceof CgroupChoice.Legacy legacy) {
            return missing(legacy, wanted, all);
        }
        Controller controller = wanted.limit().controller();
        if (choice instanceof CgroupChoice.Unified unified
                && !unified.controllers().isEmpty()
                && !controller.unified().isEmpty()
                && !unified.controllers().contains(controller)) {
            return notDelegated(wanted);
        }
        return null;
    }

    private static @Nullable Unenforceable missing(CgroupChoice.Legacy legacy, Limits.Wanted wanted, Limits all) {
        String unified = "boot with systemd.unified_cgroup_hierarchy=1 for cgroup v2";
        String why = LegacySettings.missing(wanted.limit(), all);
        if (why != null) {
            return new Unenforceable(wanted, why, unified);
        }
        Controller controller = wanted.limit().controller();
        boolean program = controller == Controller.DEVICES && !legacy.unifiedBase().isEmpty();
        if (!legacy.base(controller).isEmpty() || program) {
            return null;
        }
        if (controller.legacy().isEmpty()) {
            return new Unenforceable(wanted, "cgroup v1 has no " + controller.unified() + " controller", unified);
        }
        String name = controller.legacy();
        return new Unenforceable(
                wanted, "there is no " + name + " controller of cgroup v1 that can be used",
                "mount it (`mkdir /sys/fs/cgroup/" + name + "; mount -t cgroup -o " + name + " cgroup /sys/fs/cgroup/" + name
                        + "`), on a kernel that has it, booted without cgroup_disable=" + name);
    }

    /// The controller is not there, or nobody who is above us enabled it.
    static Unenforceable notDelegated(Limits.Wanted wanted) {
        return new Unenforceable(
                wanted, "the " + wanted.limit().controller().unified() + " controller is not delegated to this cgroup",
                DELEGATE_MORE + "; for a service: `Delegate=yes`");
    }

    /// Whether a container needs a directory in the v1 hierarchy of a controller: for a limit, for its figures, or, where
    /// there is no cgroup v2 that does it better, to be frozen.
    static boolean needed(Controller controller, Limits limits, CgroupChoice.Legacy where) {
        if (controller == Controller.MEMORY || controller == Controller.PIDS || controller == Controller.CPUACCT) {
            return true;
        }
        if (controller == Controller.FREEZER) {
            return where.unifiedBase().isEmpty();
        }
        List<Limits.Wanted> all = limits.all();
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).limit().controller() == controller) {
                return true;
            }
        }
        return false;
    }
}
