// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Limits;
import org.dolium.cgroup.host.Cgroup;
import org.dolium.cgroup.host.Unenforceable;
import org.dolium.kernel.Fd;
import org.dolium.launch.Placement;
import org.jspecify.annotations.Nullable;

/// The cgroup of one container, if it has one.
final class Group {
    private final GroupPlan plan;
    private final @Nullable Cgroup cgroup;
    private final String whyNone;
    /// The limits of updates that were preferred and can't be in force here.
    private List<String> impossible = List.of();
    private volatile boolean closed;

    /// @param whyNone why there is none although there should be, or empty
    Group(GroupPlan plan, @Nullable Cgroup cgroup, String whyNone) {
        this.plan = plan;
        this.cgroup = cgroup;
        this.whyNone = whyNone;
    }

    @Nullable Cgroup cgroup() {
        return cgroup;
    }

    boolean isClosed() {
        return closed;
    }

    /// The cgroup, for a call that needs one.
    Cgroup required() {
        if (cgroup == null) {
            throw new IllegalStateException("the container has no cgroup of its own; reductions() tells why");
        }
        if (closed) {
            throw new IllegalStateException("the container is closed");
        }
        return cgroup;
    }

    /// The files that the process writes itself into.
    List<Fd> tasks() throws IOException {
        return cgroup == null ? List.of() : cgroup.openTasks();
    }

    /// How many these are.
    int legacyParts() {
        return cgroup == null ? 0 : cgroup.legacyParts();
    }

    boolean limitsMemory() {
        return cgroup != null && cgroup.limits().find(Limit.MemoryMax.class) != null;
    }

    /// The directory that the process is born into.
    @Nullable Fd into() {
        return cgroup == null ? null : cgroup.into();
    }

    /// The directory that the process of a further command is born into.
    @Nullable Fd intoBeside() {
        return cgroup == null ? null : cgroup.intoBeside();
    }

    /// What is done with the process before it goes on.
    ///
    /// @param further whether it is that of a further command
    @Nullable Placement placement(boolean further) {
        Cgroup target = cgroup;
        if (target == null || !target.needsPlacing()) {
            return null;
        }
        return new Placement() {
            @Override
            public void place(long pid) throws IOException, InterruptedException {
                target.place(pid, further);
            }
        };
    }

    /// Changes limits; what is not mentioned stays.
    synchronized void update(Limits changed) throws IOException {
        Cgroup group = required();
        List<String> reductions = new ArrayList<>(0);
        group.update(plan.possible(changed, group.limits(), reductions));
        impossible = reductions;
    }

    /// The limits that were preferred and are not in force.
    synchronized List<String> notInForce() {
        List<String> sentences = new ArrayList<>(impossible);
        if (!whyNone.isEmpty()) {
            sentences.add(whyNone);
        }
        if (cgroup != null) {
            List<Unenforceable> not = cgroup.notInForce();
            for (int i = 0; i < not.size(); i++) {
                sentences.add(not.get(i).toString());
            }
        }
        return sentences;
    }

    void kill() {
        try {
            if (cgroup != null && !closed) {
                cgroup.kill();
            }
        } catch (IOException | IllegalStateException e) {
            // its removal kills too, and tells
        }
    }

    /// Kills what is in it, and removes it.
    void close() throws IOException {
        closed = true;
        if (cgroup != null) {
            cgroup.close();
        }
    }

    /// Gives it out of hand: it stays.
    void release() {
        closed = true;
        if (cgroup != null) {
            cgroup.release();
        }
    }

    void abandon(Exception why) {
        try {
            close();
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }
}
