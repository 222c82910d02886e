// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Finds out what has happened to containers between two looks at all of them. What came and went between the two is told if it left a
/// trace: when a container was made, started and ended last.
final class EventWatcher {
    private final Predicate<String> unreadable;
    private Map<String, ContainerView> before = new HashMap<>();

    EventWatcher() {
        this(_ -> false);
    }

    /// @param unreadable tells ids of containers that may be there though they are not seen
    EventWatcher(Predicate<String> unreadable) {
        this.unreadable = unreadable;
    }

    /// @return the events since the last look, or at the first one all that the containers tell of; in the order of their times
    List<EventLine> look(List<ContainerView> containers, Instant now) {
        List<EventLine> events = new ArrayList<>();
        Map<String, ContainerView> seen = new HashMap<>();
        for (ContainerView one : containers) {
            seen.put(one.id(), one);
            changes(before.get(one.id()), one, now, events);
        }
        for (ContainerView gone : before.values()) {
            if (!seen.containsKey(gone.id()) && !unreadable.test(gone.id())) {
                events.add(new EventLine(now, "destroy", gone, Map.of()));
            }
        }
        before = seen;
        events.sort(Comparator.comparing(EventLine::time));
        return events;
    }

    private static void changes(@Nullable ContainerView old, ContainerView one, Instant now, List<EventLine> events) {
        if (old == null) {
            events.add(new EventLine(one.created(), "create", one, Map.of()));
        } else if (!old.name().equals(one.name())) {
            events.add(new EventLine(now, "rename", one, Map.of("oldName", "/" + old.name())));
        }
        boolean restarted = one.started() != null && (old == null || !one.started().equals(old.started()));
        if (restarted) {
            events.add(new EventLine(one.started(), "start", one, Map.of()));
        }
        if (one.finished() != null && (restarted || old == null || !one.finished().equals(old.finished()))) {
            if (one.outOfMemory()) {
                events.add(new EventLine(one.finished(), "oom", one, Map.of()));
            }
            events.add(new EventLine(one.finished(), "die", one, Map.of("exitCode", Integer.toString(one.exitCode()))));
        }
        boolean paused = one.state() == ContainerView.State.PAUSED;
        boolean wasPaused = old != null && old.state() == ContainerView.State.PAUSED;
        if (paused && !wasPaused) {
            events.add(new EventLine(now, "pause", one, Map.of()));
        } else if (!paused && wasPaused) {
            events.add(new EventLine(now, "unpause", one, Map.of()));
        }
    }
}
