// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.systemd;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.dolium.cgroup.dbus.Deadline;

/// A running scope that is ours: systemd made its cgroup and leaves to us what is in it. It ends with its last process.
public final class Scope {
    private final SocketChoice sockets;
    private final UnitName unit;
    private final String cgroup;

    private Scope(SocketChoice sockets, UnitName unit, String cgroup) {
        this.sockets = sockets;
        this.unit = unit;
        this.cgroup = cgroup;
    }

    /// Starts a scope for a process, which is in it afterwards.
    ///
    /// @throws NoManagerException if no manager answers
    /// @throws SystemdException if the manager can't or may not; nothing is left then
    public static Scope start(SocketChoice sockets, ScopeRequest request, Duration limit)
            throws IOException, InterruptedException {
        try (Systemd systemd = Systemd.connect(sockets, Deadline.in(limit))) {
            systemd.start(request);
            String cgroup = ProcessCgroup.of(request.pid());
            if (cgroup.endsWith("/" + request.unit()) && !cgroup.startsWith("/..")) {
                return new Scope(sockets, request.unit(), cgroup);
            }
            SystemdException failure = notMoved(request, cgroup);
            try {
                systemd.stop(request.unit());
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
            throw failure;
        }
    }

    /// A scope that was started before, perhaps by another process.
    ///
    /// @param cgroup its path in the unified hierarchy
    public static Scope known(SocketChoice sockets, UnitName unit, String cgroup) {
        return new Scope(sockets, unit, cgroup);
    }

    private static SystemdException notMoved(ScopeRequest request, String cgroup) {
        String process = "process " + request.pid();
        if (cgroup.isEmpty()) {
            return new SystemdException(process + " ended before it was in " + request.unit());
        }
        return new SystemdException("systemd started " + request.unit() + ", but " + process + " is in '" + cgroup
                + "': it belongs to another user, or the JVM is in a cgroup namespace of its own");
    }

    public UnitName unit() {
        return unit;
    }

    /// Its path in the unified hierarchy, as the JVM's cgroup namespace shows it.
    public String cgroup() {
        return cgroup;
    }

    /// Moves processes of this user in, which a user may not do by writing to cgroup.procs from outside.
    ///
    /// @param subgroup where in the scope, such as `/c`; `/` for itself
    public void attach(String subgroup, List<Long> pids, Duration limit) throws IOException, InterruptedException {
        try (Systemd systemd = Systemd.connect(sockets, Deadline.in(limit))) {
            systemd.attach(unit, subgroup, pids);
        }
        for (long pid : pids) {
            String now = ProcessCgroup.of(pid);
            String wanted = subgroup.equals("/") ? cgroup : cgroup + subgroup;
            if (!now.equals(wanted)) {
                throw new SystemdException("systemd did not move process " + pid + " to " + wanted + ": it is in '" + now + "'");
            }
        }
    }

    /// Kills what is left in it and waits until it is gone. Does nothing if it is gone already.
    public void stop(Duration limit) throws IOException, InterruptedException {
        try (Systemd systemd = Systemd.connect(sockets, Deadline.in(limit))) {
            systemd.stop(unit);
        } catch (SystemdException e) {
            if (!e.error().equals("NoSuchUnit")) {
                throw e;
            }
        }
    }
}
