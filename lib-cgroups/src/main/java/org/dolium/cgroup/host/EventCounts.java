// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.CgroupEvent;

/// How often what happened to a group, and in which state it is. Two of these tell what happened in between.
///
/// @param oom how often the memory limit was reached and nothing could be taken back
/// @param oomKill how many processes were killed because of that
/// @param memoryMax how often the memory limit was reached
/// @param memoryHigh how often more memory was used than wanted
/// @param pidsMax how often a process was refused
/// @param populated whether there is a process in it
/// @param frozen whether all of them stand still
public record EventCounts(
        long oom, long oomKill, long memoryMax, long memoryHigh, long pidsMax, boolean populated, boolean frozen) {
    /// A group in which nothing has happened but that a container runs in it.
    public static final EventCounts NONE = new EventCounts(0, 0, 0, 0, 0, true, false);

    /// The same when nobody is in it.
    public EventCounts emptied() {
        return new EventCounts(oom, oomKill, memoryMax, memoryHigh, pidsMax, false, frozen);
    }

    /// What happened after `earlier`. A state that came and went again is not seen.
    public List<CgroupEvent> since(EventCounts earlier) {
        List<CgroupEvent> events = new ArrayList<>();
        hit(CgroupEvent.Kind.MEMORY_HIGH, memoryHigh - earlier.memoryHigh, events);
        hit(CgroupEvent.Kind.MEMORY_MAX, memoryMax - earlier.memoryMax, events);
        if (oom > earlier.oom) {
            events.add(new CgroupEvent.OutOfMemory(oom - earlier.oom));
        }
        if (oomKill > earlier.oomKill) {
            events.add(new CgroupEvent.OomKill(oomKill - earlier.oomKill));
        }
        hit(CgroupEvent.Kind.PIDS, pidsMax - earlier.pidsMax, events);
        if (frozen != earlier.frozen) {
            events.add(frozen ? new CgroupEvent.Frozen() : new CgroupEvent.Thawed());
        }
        if (earlier.populated && !populated) {
            events.add(new CgroupEvent.Emptied());
        }
        return events;
    }

    private static void hit(CgroupEvent.Kind kind, long times, List<CgroupEvent> events) {
        if (times > 0) {
            events.add(new CgroupEvent.LimitHit(kind, times));
        }
    }
}
