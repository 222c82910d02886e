// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.systemd;

import java.io.IOException;
import java.util.List;
import org.dolium.cgroup.dbus.Bus;
import org.dolium.cgroup.dbus.DbusErrorException;
import org.dolium.cgroup.dbus.Deadline;
import org.dolium.cgroup.dbus.Message;
import org.dolium.cgroup.dbus.MethodCall;
import org.dolium.cgroup.dbus.WireReader;
import org.dolium.cgroup.dbus.WireWriter;

/// A connection to a systemd manager, and the few things that are asked of it; see org.freedesktop.systemd1(5). For one
/// thread at a time.
public final class Systemd implements AutoCloseable {
    static final String MANAGER = "org.freedesktop.systemd1.Manager";
    private static final String NAME = "org.freedesktop.systemd1";
    private static final String UNIT = "org.freedesktop.systemd1.Unit";
    private static final String ROOT = "/org/freedesktop/systemd1";

    private final Bus bus;
    private final Jobs jobs;
    private final Deadline deadline;

    private Systemd(Bus bus, Jobs jobs, Deadline deadline) {
        this.bus = bus;
        this.jobs = jobs;
        this.deadline = deadline;
    }

    /// Connects to the first manager that answers.
    ///
    /// @param deadline for everything that is done with this connection
    /// @throws NoManagerException if none does
    public static Systemd connect(SocketChoice choice, Deadline deadline) throws IOException, InterruptedException {
        StringBuilder failures = new StringBuilder();
        for (ManagerSocket socket : choice.sockets()) {
            try {
                return connect(socket, deadline);
            } catch (IOException e) {
                failures.append("; ").append(e.getMessage());
            }
        }
        for (String reason : choice.refused()) {
            failures.append("; ").append(reason);
        }
        throw new NoManagerException(choice.advice() + failures);
    }

    private static Systemd connect(ManagerSocket socket, Deadline deadline) throws IOException, InterruptedException {
        Jobs jobs = new Jobs();
        Bus bus = Bus.connect(socket.path(), socket.daemon(), jobs, deadline);
        try {
            Systemd systemd = new Systemd(bus, jobs, deadline);
            if (socket.daemon()) {
                systemd.version(); // a bus may be there without a manager on it
            }
            return systemd;
        } catch (IOException | InterruptedException | RuntimeException e) {
            try {
                bus.close();
            } catch (IOException late) {
                e.addSuppressed(late);
            }
            throw e;
        }
    }

    static MethodCall manager(String member, String signature, WireWriter arguments) {
        return new MethodCall(NAME, ROOT, MANAGER, member, signature, arguments);
    }

    /// The manager's version, such as `252.38-1~deb12u1`.
    public String version() throws IOException, InterruptedException {
        return property(ROOT, MANAGER, "Version", "s").string();
    }

    /// Starts a scope and waits until it is there. Whether the process is in it is for the caller to see: systemd leaves out
    /// the processes that it may not move.
    public void start(ScopeRequest request) throws IOException, InterruptedException {
        run(request.unit(), request.call());
    }

    /// Kills all that is in a unit and waits until it is gone.
    public void stop(UnitName unit) throws IOException, InterruptedException {
        run(unit, manager("StopUnit", "ss", new WireWriter().string(unit.text()).string("fail")));
    }

    /// Makes a job and waits for its end.
    private void run(UnitName unit, MethodCall call) throws IOException, InterruptedException {
        bus.match("type='signal',sender='" + NAME + "',interface='" + MANAGER + "',member='JobRemoved'", deadline);
        jobs.of(unit.text());
        Message reply = call(call);
        WireReader arguments = reply.arguments("o");
        String job = arguments.objectPath();
        arguments.end();
        String result = jobs.result(reply.sender(), job);
        while (result == null) {
            bus.listen(deadline);
            result = jobs.result(reply.sender(), job);
        }
        if (!result.equals("done")) {
            throw new SystemdException(call.member() + " of " + unit + " " + result + "; see journalctl -u '" + unit + "'");
        }
    }

    /// Moves processes into a unit, as its owner may who can't write there from where it is.
    ///
    /// @param subgroup where in the unit's cgroup, `/` for itself
    public void attach(UnitName unit, String subgroup, List<Long> pids) throws IOException, InterruptedException {
        WireWriter arguments = new WireWriter().string(unit.text()).string(subgroup);
        int length = arguments.beginArray(4);
        for (long pid : pids) {
            arguments.u32(pid);
        }
        call(manager("AttachProcessesToUnit", "ssau", arguments.endArray(length, 4))).arguments("").end();
    }

    /// Forgets that a unit failed.
    public void resetFailed(UnitName unit) throws IOException, InterruptedException {
        call(manager("ResetFailedUnit", "s", new WireWriter().string(unit.text()))).arguments("").end();
    }

    /// Whether a process belongs to a unit of this manager that leaves its cgroup to its processes.
    public boolean delegates(long pid) throws IOException, InterruptedException {
        String path;
        try {
            path = call(manager("GetUnitByPID", "u", new WireWriter().u32(pid))).arguments("o").objectPath();
        } catch (SystemdException e) {
            if (e.error().equals("NoUnitForPID")) {
                return false;
            }
            throw e;
        }
        String id = property(path, UNIT, "Id", "s").string();
        if (id.endsWith(".scope")) {
            return property(path, "org.freedesktop.systemd1.Scope", "Delegate", "b").bool();
        }
        return id.endsWith(".service") && property(path, "org.freedesktop.systemd1.Service", "Delegate", "b").bool();
    }

    private WireReader property(String path, String face, String name, String type)
            throws IOException, InterruptedException {
        WireWriter arguments = new WireWriter().string(face).string(name);
        MethodCall get = new MethodCall(NAME, path, "org.freedesktop.DBus.Properties", "Get", "ss", arguments);
        return call(get).arguments("v").variant(type);
    }

    private Message call(MethodCall call) throws IOException, InterruptedException {
        try {
            return bus.call(call, deadline);
        } catch (DbusErrorException e) {
            throw SystemdException.of(e);
        }
    }

    @Override
    public void close() throws IOException {
        bus.close();
    }
}
