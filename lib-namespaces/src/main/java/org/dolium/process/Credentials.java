// SPDX-License-Identifier: Apache-2.0
package org.dolium.process;

import java.util.List;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.plan.PlanBuilder;

/// The ids that a command runs with, as seen in its user namespace.
///
/// @param groups the supplementary groups; the primary one is added
public record Credentials(long uid, long gid, List<Long> groups) {
    private static final long MOST = 0xfffffffeL;
    private static final int NGROUPS_MAX = 65536;

    public Credentials {
        groups = List.copyOf(groups);
        check(uid);
        check(gid);
        for (long group : groups) {
            check(group);
        }
        if (groups.size() >= NGROUPS_MAX) {
            throw new IllegalArgumentException("more than " + NGROUPS_MAX + " supplementary groups");
        }
    }

    private static void check(long id) {
        if (id < 0 || id > MOST) {
            throw new IllegalArgumentException("id " + id + " is not between 0 and 4294967294");
        }
    }

    /// Sets groups, gid and uid, real, effective and saved.
    ///
    /// @param groupsDenied whether the user namespace forbids setgroups(2), as one with a single id does; the JVM's
    ///     own groups then remain, shown as `nogroup` inside
    public void lower(PlanBuilder plan, boolean groupsDenied) {
        if (!groupsDenied) {
            plan.add(Sys.SETGROUPS, Arg.num(groups.contains(gid) ? groups.size() : groups.size() + 1), list());
        }
        plan.add(Sys.SETRESGID, Arg.num(gid), Arg.num(gid), Arg.num(gid));
        plan.add(Sys.SETRESUID, Arg.num(uid), Arg.num(uid), Arg.num(uid));
    }

    /// Asks the kernel for the ids, real, effective and saved, and expects these.
    public void lowerVerify(PlanBuilder plan) {
        Arg.Result uids = plan.add(Sys.GETRESUID, id(), id(), id());
        Arg.Result gids = plan.add(Sys.GETRESGID, id(), id(), id());
        for (int i = 0; i < 3; i++) {
            plan.expect(uids, i, 0, MOST + 1, uid, "has uid " + uid);
            plan.expect(gids, i, 0, MOST + 1, gid, "has gid " + gid);
        }
    }

    private static Arg.Buffer id() {
        return new Arg.Buffer(8, new byte[0], "[id]");
    }

    private Arg.Bytes list() {
        boolean listed = groups.contains(gid);
        int count = listed ? groups.size() : groups.size() + 1;
        byte[] bytes = new byte[4 * count];
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < count; i++) {
            long group = !listed && i == 0 ? gid : groups.get(listed ? i : i - 1);
            for (int b = 0; b < 4; b++) {
                bytes[4 * i + b] = (byte) (group >>> 8 * b);
            }
            text.append(i == 0 ? "" : ", ").append(group);
        }
        return new Arg.Bytes(bytes, text.append(']').toString());
    }
}
