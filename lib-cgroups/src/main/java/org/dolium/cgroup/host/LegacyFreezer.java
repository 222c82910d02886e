// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import org.dolium.cgroup.Controller;
import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;

/// Kills a group of cgroup v1 that forks faster than it is killed: frozen, it can't fork, and thawed, its members meet
/// their signal first.
final class LegacyFreezer {
    private static final String STATE = "freezer.state";

    private LegacyFreezer() {}

    static void killFrozen(Cgroup group) throws ErrnoException {
        CgroupDirectory freezer = group.directory(Controller.FREEZER);
        if (freezer == null) {
            Removal.kill(group.parts().getFirst().directory());
            return;
        }
        freezer.write(STATE, "FROZEN");
        try {
            Removal.kill(freezer);
        } finally {
            thaw(freezer);
        }
    }

    /// Lets a group go on if it is one of the freezer: what is frozen does not even die.
    static void thaw(CgroupDirectory group) throws ErrnoException {
        try {
            group.write(STATE, "THAWED");
        } catch (ErrnoException e) {
            if (!e.errno().equals(Errno.ENOENT)) {
                throw e;
            }
        }
    }
}
