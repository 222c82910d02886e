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
import org.dolium.state.StateFolder;
import org.jspecify.annotations.Nullable;

/// Waits until something is written to the files of a directory: who follows a log sees at once what is in it, and costs nothing
/// meanwhile. A user has only so many of these (`fs.inotify.max_user_instances`); without one it looks at ever longer intervals. See
/// inotify(7).
final class LogNews implements AutoCloseable {
    private static final int NONBLOCK_CLOEXEC = 0x80800;
    private static final int MODIFY_CLOSE_MOVED_CREATE = 0x2 | 0x8 | 0x80 | 0x100;
    private static final int ROOM = 4096;
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
        if (Poller.shared().await(inotify, Poller.IN, Duration.ofMillis(LONGEST_PAUSE))) {
            try (Arena arena = Arena.ofConfined()) {
                Memory events = Memory.allocate(arena, ROOM);
                while (Kernel.call(Sys.READ, inotify.number(), events.address(), ROOM) > 0) {
                    // what they are does not matter
                }
            }
        }
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
