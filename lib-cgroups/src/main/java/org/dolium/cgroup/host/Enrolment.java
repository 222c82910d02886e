// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;
import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;

/// Puts the processes of a group into a directory of one more hierarchy, however they fork meanwhile: the child of one that
/// is there already is born there.
final class Enrolment {
    private static final int ROUNDS = 1000;

    private Enrolment() {}

    /// @param from a directory that they are in, or in its children
    static void of(CgroupDirectory from, CgroupDirectory to) throws ErrnoException {
        for (int round = 0; round < ROUNDS; round++) {
            List<String> pids = new ArrayList<>();
            processes(from, pids);
            pids.removeAll(listed(to));
            if (pids.isEmpty()) {
                return;
            }
            for (int i = 0; i < pids.size(); i++) {
                move(to, pids.get(i));
            }
        }
        throw new ErrnoException("write(<" + to.path() + "/cgroup.procs>)", Errno.EAGAIN);
    }

    private static void processes(CgroupDirectory group, List<String> pids) throws ErrnoException {
        pids.addAll(listed(group));
        List<String> children = group.children();
        for (int i = 0; i < children.size(); i++) {
            try (CgroupDirectory child = group.child(children.get(i))) {
                processes(child, pids);
            }
        }
    }

    private static List<String> listed(CgroupDirectory group) throws ErrnoException {
        List<String> pids = new ArrayList<>();
        StringTokenizer lines = new StringTokenizer(group.read("cgroup.procs"));
        while (lines.hasMoreTokens()) {
            pids.add(lines.nextToken());
        }
        return pids;
    }

    private static void move(CgroupDirectory to, String pid) throws ErrnoException {
        try {
            to.write("cgroup.procs", pid);
        } catch (ErrnoException e) {
            if (!e.errno().equals(Errno.ESRCH)) {
                throw e;
            }
        }
    }
}
