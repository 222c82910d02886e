// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.util.StringTokenizer;
import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;

/// Moves every process of a cgroup into a child, because cgroup v2 lets only leaves have processes once a controller is
/// enabled for children.
final class Evacuation {
    private static final String CHILD = "processes";
    private static final int ROUNDS = 100;

    private Evacuation() {}

    static void of(String path) throws ErrnoException {
        try (CgroupDirectory base = CgroupDirectory.open(path);
                CgroupDirectory child = makeOrOpen(base)) {
            for (int round = 0; round < ROUNDS; round++) {
                StringTokenizer pids = new StringTokenizer(base.read("cgroup.procs"));
                if (!pids.hasMoreTokens()) {
                    return;
                }
                while (pids.hasMoreTokens()) {
                    move(child, pids.nextToken());
                }
            }
            throw new ErrnoException("write(<" + path + "/" + CHILD + "/cgroup.procs>)", Errno.EAGAIN);
        }
    }

    private static CgroupDirectory makeOrOpen(CgroupDirectory base) throws ErrnoException {
        try {
            return base.make(CHILD);
        } catch (ErrnoException e) {
            if (e.errno().equals(Errno.EEXIST)) {
                return base.child(CHILD);
            }
            throw e;
        }
    }

    private static void move(CgroupDirectory child, String pid) throws ErrnoException {
        try {
            child.write("cgroup.procs", pid);
        } catch (ErrnoException e) {
            if (!e.errno().equals(Errno.ESRCH)) {
                throw e;
            }
        }
    }
}
