// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.launch.Poller;
import org.dolium.linux.Arg;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Sys;
import org.dolium.state.Entry;
import org.dolium.state.StateFolder;
import org.jspecify.annotations.Nullable;

/// Waits until something is written to the log in a directory, or it is exchanged or closed: who follows a log sees at once what is in it,
/// and costs nothing meanwhile. A user has only so many of these (`fs.inotify.max_user_instances`); without one it looks at ever longer
/// intervals. See inotify(7).
final class LogNews implements AutoCloseable {
    private static final int NONBLOCK_CLOEXEC = 0x80800;
    private static final int MODIFY_CLOSE_MOVED_CREATE = 0x2 | 0x8 | 0x80 | 0x100;
    private static final int ROOM = 4096;
    private static final int EVENT = 16;
    private static final int LENGTH = 12;
    private static final long FIRST_PAUSE = 2;
    /// So often it is asked whether the container still runs: nothing is written when a monitor is killed.
    private static final long LONGEST_PAUSE = 100;

    private final @Nullable Fd inotify;
    private long pause = FIRST_PAUSE;

    LogNews(StateFolder folder) {
        inotify = watch(folder);
    }

    private static @Nullable Fd watch(StateFolder folder) {
        long made = Kernel.call(Sys.INOTIFY_INIT1, NONBLOCK_CLOEXEC);
        if (Kernel.failed(made)) {
            return null;
        }
        Fd inotify = new Fd((int) made);
        try (Arena arena = Arena.ofConfined()) {
            String path = "/proc/self/fd/" + folder.fd().number();
            Memory name = Memory.copy(arena, Arg.terminated(path.getBytes(StandardCharsets.US_ASCII)));
            if (!Kernel.failed(Kernel.call(Sys.INOTIFY_ADD_WATCH, inotify.number(), name.address(), MODIFY_CLOSE_MOVED_CREATE))) {
                return inotify;
            }
        }
        inotify.close();
        return null;
    }

    /// Returns when something was written since the last call, or after a moment: who is woken looks for himself.
    void await() throws ErrnoException, InterruptedException {
        if (inotify == null) {
            Thread.sleep(pause);
            pause = Math.min(2 * pause, LONGEST_PAUSE);
            return;
        }
        long end = System.nanoTime() + LONGEST_PAUSE * 1_000_000;
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            if (Poller.shared().await(inotify, Poller.IN, Duration.ofNanos(left)) && isNews(inotify)) {
                return;
            }
        }
    }

    /// Takes all events there are. Those about other files are no news: who asks whether the monitor lives opens and closes its lock.
    private static boolean isNews(Fd inotify) {
        boolean news = false;
        try (Arena arena = Arena.ofConfined()) {
            Memory events = Memory.allocate(arena, ROOM);
            long n = Kernel.call(Sys.READ, inotify.number(), events.address(), ROOM);
            while (n > 0) {
                for (int at = 0; at < n; at += EVENT + events.getInt(at + LENGTH)) {
                    byte[] name = new byte[Math.min(events.getInt(at + LENGTH), Entry.LOG.length())];
                    events.get(at + EVENT, name, 0, name.length);
                    news |= new String(name, StandardCharsets.ISO_8859_1).equals(Entry.LOG);
                }
                n = Kernel.call(Sys.READ, inotify.number(), events.address(), ROOM);
            }
        }
        return news;
    }

    /// Something was read: the next news may come soon.
    void read() {
        pause = FIRST_PAUSE;
    }

    @Override
    public void close() {
        if (inotify != null) {
            inotify.close();
        }
    }
}
