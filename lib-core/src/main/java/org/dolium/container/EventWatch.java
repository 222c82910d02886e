// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.dolium.cgroup.CgroupEvent;
import org.dolium.cgroup.host.Cgroup;
import org.dolium.cgroup.host.EventCounts;
import org.dolium.cgroup.host.EventFiles;
import org.dolium.launch.Poller;
import org.dolium.linux.ErrnoException;
import org.jspecify.annotations.Nullable;

/// Has the poller wait for news of a group, and tells listeners what they mean.
///
/// Nothing is lost: after a notice everything is read first and only then waited again, and the kernel compares what was
/// read with what is.
final class EventWatch {
    /// How often to look at what the kernel counts and does not tell, on cgroup v1.
    private static final Duration GLANCE = Duration.ofMillis(250);

    private final EventFiles files;
    private final List<EventFiles.Notice> notices;
    private final long[] keys;
    private final List<Listener> listeners = new ArrayList<>(1);
    private final Deliveries looks = new Deliveries();
    private @Nullable Future<?> glances;
    private EventCounts counts = EventCounts.NONE;
    private boolean closed;

    private EventWatch(EventFiles files) {
        this.files = files;
        this.notices = files.notices();
        this.keys = new long[notices.size()];
    }

    static EventWatch of(Cgroup group) throws ErrnoException {
        EventWatch watch = new EventWatch(EventFiles.open(group));
        try {
            watch.start();
            return watch;
        } catch (ErrnoException | RuntimeException e) {
            watch.close();
            throw e;
        }
    }

    private synchronized void start() throws ErrnoException {
        for (int i = 0; i < keys.length; i++) {
            arm(i);
        }
        if (files.mustBeLookedAt()) {
            glances = Ticker.every(GLANCE, () -> looks.add(this::look));
        }
    }

    private synchronized void arm(int index) throws ErrnoException {
        if (!closed) {
            EventFiles.Notice notice = notices.get(index);
            int interest = notice.counter() ? Poller.IN : Poller.NEWS;
            keys[index] = Poller.shared().watch(notice.fd(), interest, events -> looks.add(() -> noticed(index)));
        }
    }

    private void noticed(int index) {
        look();
        try {
            arm(index);
        } catch (ErrnoException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /// Reads what was counted, and tells what is new. A group that is gone would be ready for ever.
    synchronized void look() {
        if (closed) {
            return;
        }
        EventCounts now = files.read();
        if (now == null) {
            close();
        } else {
            tell(now);
        }
    }

    private void tell(EventCounts now) {
        counts = now;
        for (Listener listener : listeners) {
            listener.tell(now);
        }
    }

    /// The listener is told first what happened until now.
    ///
    /// @param handler must not wait; says false if it has no room, and then is told later what happened until then
    synchronized Listener listen(Predicate<List<CgroupEvent>> handler) {
        Listener listener = new Listener(handler);
        listeners.add(listener);
        look();
        listener.tell(counts);
        return listener;
    }

    synchronized void forget(Listener listener) {
        listener.closed = true;
        listeners.remove(listener);
        if (listeners.isEmpty()) {
            close();
        }
    }

    /// Whether there is somebody who wants to know, and something to be known.
    synchronized boolean isOpen() {
        return !closed;
    }

    /// The last look, before the group is removed.
    synchronized void end() {
        look();
        close();
    }

    /// The group is removed, so nobody can be in it.
    synchronized void removed() {
        tell(counts.emptied());
    }

    private synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (glances != null) {
            glances.cancel(false);
        }
        for (long key : keys) {
            Poller.shared().cancel(key);
        }
        files.close();
    }

    /// Somebody who wants to know.
    static final class Listener {
        private final Predicate<List<CgroupEvent>> handler;
        private EventCounts told = EventCounts.NONE;
        private volatile boolean closed;

        Listener(Predicate<List<CgroupEvent>> handler) {
            this.handler = handler;
        }

        private void tell(EventCounts now) {
            if (!closed && handler.test(now.since(told))) {
                told = now;
            }
        }
    }
}
