// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;
import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;

/// Who is in a group and below it, as far as bounds allow: whoever is in there can make as many processes and groups as it may.
final class Members {
    private static final int MOST_GROUPS = 4096;
    private static final int DEEPEST = 32;
    private static final int ENODEV = 19;
    private static final int EOPNOTSUPP = 95;

    private final List<Long> pids = new ArrayList<>();
    private final int most;
    private int groups;

    private Members(int most) {
        this.most = most;
    }

    static List<Long> of(CgroupDirectory group, int most) throws ErrnoException {
        Members members = new Members(most);
        members.add(group, 0);
        return members.pids;
    }

    private void add(CgroupDirectory group, int depth) throws ErrnoException {
        try {
            StringTokenizer lines = new StringTokenizer(group.read("cgroup.procs"));
            while (lines.hasMoreTokens() && pids.size() < most) {
                pids.add(Long.parseLong(lines.nextToken()));
            }
        } catch (ErrnoException e) {
            if (e.errno().value() != EOPNOTSUPP) { // a group of threads, whose processes are listed above it
                throw e;
            }
        }
        List<String> children = depth < DEEPEST ? group.children() : List.of();
        for (int i = 0; i < children.size() && pids.size() < most && groups++ < MOST_GROUPS; i++) {
            try (CgroupDirectory child = group.child(children.get(i))) {
                add(child, depth + 1);
            } catch (ErrnoException e) {
                if (!e.errno().equals(Errno.ENOENT) && e.errno().value() != ENODEV) { // else it was removed meanwhile
                    throw e;
                }
            }
        }
    }
}
