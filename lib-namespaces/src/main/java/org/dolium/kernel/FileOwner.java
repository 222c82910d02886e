// SPDX-License-Identifier: Apache-2.0
package org.dolium.kernel;

import java.lang.foreign.Arena;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;

/// A thread that makes calls on files as another user: what it makes belongs to that user from the beginning, which is the only way
/// where the file system belongs to a user namespace that knows no id of this JVM (`EOVERFLOW`); see setfsuid(2). It keeps the JVM's
/// capabilities, and nothing else of the JVM changes.
public final class FileOwner implements AutoCloseable {
    private static final int PR_GET_DUMPABLE = 3;
    private static final int PR_SET_DUMPABLE = 4;
    private static final int CAPABILITY_VERSION_3 = 0x20080522;
    /// The change of a user takes the flag from the whole JVM, which then gets it back: one at a time.
    private static final Object DUMPABLE = new Object();

    private final long uid;
    private final long gid;
    private final ExecutorService thread;
    private volatile boolean changed;

    private FileOwner(long uid, long gid) {
        this.uid = uid;
        this.gid = gid;
        this.thread = Executors.newSingleThreadExecutor(work -> Thread.ofPlatform().daemon().name("dolium-files").unstarted(() -> {
            changed = become();
            work.run();
        }));
    }

    /// @param uid an id of the host
    /// @param gid an id of the host
    public static FileOwner of(long uid, long gid) {
        return new FileOwner(uid, gid);
    }

    private boolean become() {
        try (Arena arena = Arena.ofConfined()) {
            Memory header = Memory.allocate(arena, 8);
            header.putInt(0, CAPABILITY_VERSION_3);
            Memory capabilities = Memory.allocate(arena, 24);
            synchronized (DUMPABLE) {
                long dumpable = Kernel.call(Sys.PRCTL, PR_GET_DUMPABLE, 0, 0);
                boolean known = Kernel.call(Sys.CAPGET, header.address(), capabilities.address(), 0) == 0;
                Kernel.call(Sys.SETFSGID, gid);
                Kernel.call(Sys.SETFSUID, uid);
                if (dumpable == 1) {
                    Kernel.call(Sys.PRCTL, PR_SET_DUMPABLE, 1, 0);
                }
                return known && Kernel.call(Sys.CAPSET, header.address(), capabilities.address(), 0) == 0
                        && Kernel.call(Sys.SETFSUID, -1) == uid && Kernel.call(Sys.SETFSGID, -1) == gid;
            }
        }
    }

    /// As [Kernel#call].
    public long call(Sys sys, long a, long b, long c, long d, long e, long f) {
        boolean interrupted = false;
        var result = thread.submit(() -> changed ? Kernel.call(sys, a, b, c, d, e, f) : -Errno.EPERM.value());
        try {
            while (true) {
                try {
                    return result.get();
                } catch (InterruptedException again) {
                    interrupted = true; // the call uses memory of the caller
                } catch (ExecutionException failure) {
                    throw new AssertionError("a call does not throw", failure);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        thread.shutdown();
    }
}
