// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.dolium.cgroup.CgroupEvent;
import org.dolium.cgroup.CgroupEvent.Kind;
import org.junit.jupiter.api.Test;

class EventCountsTest {
    @Test
    void nothing_new_is_no_event() {
        EventCounts counts = new EventCounts(1, 2, 3, 4, 5, true, true);
        assertThat(counts.since(counts)).isEmpty();
        assertThat(EventCounts.NONE.since(EventCounts.NONE)).isEmpty();
    }

    @Test
    void what_was_counted_since_is_told_in_the_order_in_which_it_happens() {
        EventCounts earlier = new EventCounts(1, 1, 10, 0, 3, true, true);
        EventCounts now = new EventCounts(2, 4, 15, 1, 5, false, false);
        assertThat(now.since(earlier)).containsExactly(
                new CgroupEvent.LimitHit(Kind.MEMORY_HIGH, 1),
                new CgroupEvent.LimitHit(Kind.MEMORY_MAX, 5),
                new CgroupEvent.OutOfMemory(1),
                new CgroupEvent.OomKill(3),
                new CgroupEvent.LimitHit(Kind.PIDS, 2),
                new CgroupEvent.Thawed(),
                new CgroupEvent.Emptied());
    }

    @Test
    void a_group_that_gets_its_first_process_is_no_event() {
        EventCounts empty = EventCounts.NONE.emptied();
        assertThat(EventCounts.NONE.since(empty)).isEmpty();
        assertThat(empty.since(EventCounts.NONE)).containsExactly(new CgroupEvent.Emptied());
    }
}
