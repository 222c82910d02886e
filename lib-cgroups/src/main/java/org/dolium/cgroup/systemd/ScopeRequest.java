// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.systemd;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.dolium.cgroup.dbus.MethodCall;
import org.dolium.cgroup.dbus.WireWriter;

/// A scope to start. Its properties are exactly these; none can be named by a caller.
///
/// @param unit the name of the scope
/// @param description what systemctl(1) shows for it
/// @param slice the slice it is put in, or none for the manager's default
/// @param pid a process of the same user, to be its first
/// @param stop how long systemd waits after SIGTERM before it kills, when it stops the scope
public record ScopeRequest(UnitName unit, String description, Optional<UnitName> slice, long pid, Duration stop) {
    public ScopeRequest {
        if (!unit.isScope() || slice.isPresent() && slice.get().isScope()) {
            throw new IllegalArgumentException("a scope in a slice, got " + unit + " in " + slice);
        }
        if (pid <= 1 || pid > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("no process that can be moved: " + pid);
        }
    }

    /// The call that starts it.
    MethodCall call() {
        WireWriter body = new WireWriter();
        body.string(unit.text()).string("fail");
        int properties = body.beginArray(8);
        body.struct().string("Description").variant("s").string(description);
        if (slice.isPresent()) {
            body.struct().string("Slice").variant("s").string(slice.get().text());
        }
        body.struct().string("Delegate").variant("b").bool(true);
        // a scope that failed is forgotten like one that ended, so that nothing is left
        body.struct().string("CollectMode").variant("s").string("inactive-or-failed");
        // without limit: what there is otherwise, DefaultTasksMax, would be one above the container's own
        body.struct().string("TasksMax").variant("t").u64(-1);
        body.struct().string("TimeoutStopUSec").variant("t").u64(TimeUnit.MICROSECONDS.convert(stop));
        body.struct().string("PIDs").variant("au");
        int pids = body.beginArray(4);
        body.u32(pid).endArray(pids, 4);
        body.endArray(properties, 8);
        int others = body.beginArray(8);
        body.endArray(others, 8);
        return Systemd.manager("StartTransientUnit", "ssa(sv)a(sa(sv))", body);
    }
}
