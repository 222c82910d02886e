// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.util.List;
import java.util.StringTokenizer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Sys;

/// Ends what is in a group, and removes the group.
final class Removal {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long PAUSE_NANOS = 1_000_000;
    private static final int SIGKILL = 9;
    private static final int ENODEV = 19;

    private Removal() {}

    /// Kills everything in a group and below it.
    static void kill(CgroupDirectory group) throws ErrnoException {
        if (killAtOnce(group)) {
            return;
        }
        List<String> children = group.children();
        for (int i = 0; i < children.size(); i++) {
            try (CgroupDirectory child = group.child(children.get(i))) {
                kill(child);
            }
        }
        signalAll(group);
        LegacyFreezer.thaw(group);
    }

    /// With one write, which no process can outrun by forking; see cgroup.kill, Linux 5.14.
    private static boolean killAtOnce(CgroupDirectory group) throws ErrnoException {
        try {
            group.write("cgroup.kill", "1");
            return true;
        } catch (ErrnoException e) {
            if (e.errno().equals(Errno.ENOENT)) {
                return false; // cgroup v1
            }
            throw e;
        }
    }

    /// One by one: whoever forks meanwhile is met the next time.
    private static void signalAll(CgroupDirectory group) throws ErrnoException {
        StringTokenizer pids = new StringTokenizer(group.read("cgroup.procs"));
        while (pids.hasMoreTokens()) {
            Kernel.call(Sys.KILL, Long.parseLong(pids.nextToken()), SIGKILL, 0);
        }
    }

    /// Whether somebody else has removed a group: what was opened in it before has no device any more.
    static boolean isGone(ErrnoException e) {
        return e.errno().equals(Errno.ENOENT) || e.errno().value() == ENODEV;
    }

    static boolean empty(CgroupDirectory group) throws ErrnoException {
        return group.read("cgroup.procs").isEmpty();
    }

    /// Removes an empty group with its children.
    ///
    /// @throws ErrnoException EBUSY if there is somebody in it
    static void remove(CgroupDirectory parent, CgroupDirectory group, String name) throws ErrnoException {
        try {
            parent.remove(name);
            return;
        } catch (ErrnoException e) {
            if (e.errno().equals(Errno.ENOENT)) {
                return;
            }
            if (!e.errno().equals(Errno.EBUSY)) {
                throw e;
            }
        }
        List<String> children = group.children();
        for (int i = 0; i < children.size(); i++) {
            try (CgroupDirectory child = group.child(children.get(i))) {
                remove(group, child, children.get(i));
            }
        }
        parent.remove(name);
    }

    /// Kills and removes, again and again for some seconds: a process that was just killed is still there for a moment.
    static void killAndRemove(CgroupDirectory parent, CgroupDirectory group, String name) throws ErrnoException {
        long deadline = 0;
        while (true) {
            try {
                remove(parent, group, name);
                return;
            } catch (ErrnoException e) {
                if (!e.errno().equals(Errno.EBUSY) || deadline != 0 && System.nanoTime() > deadline) {
                    throw e;
                }
            }
            if (deadline == 0) { // not before: the first round may have had thousands to remove
                deadline = System.nanoTime() + PATIENCE_NANOS;
            }
            kill(group);
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
