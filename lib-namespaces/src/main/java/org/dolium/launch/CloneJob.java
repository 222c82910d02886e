// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.dolium.kernel.Fd;
import org.dolium.linux.ErrnoException;
import org.jspecify.annotations.Nullable;

/// One child to make, and what came of it.
final class CloneJob implements AutoCloseable {
    final LaunchRequest request;
    /// What becomes the child's 0, 1, 2, …; none of these numbers is overwritten before it is used.
    final int[] sources;
    final int program;
    private final List<Fd> copies = new ArrayList<>(0);
    private final Thread waiter = Thread.currentThread();
    private volatile boolean done;
    long pid;
    @Nullable Fd pidfd;
    @Nullable String failedCall;
    long failedResult;

    CloneJob(LaunchRequest request, Fd program, Fd status) throws ErrnoException {
        this.request = request;
        this.sources = new int[LaunchRequest.FIRST_PASSED_FD + request.passed().size()];
        for (int i = 0; i < sources.length; i++) {
            Fd fd = i < LaunchRequest.STATUS_FD
                    ? request.stdio().get(i)
                    : i == LaunchRequest.STATUS_FD ? status : request.passed().get(i - LaunchRequest.FIRST_PASSED_FD);
            sources[i] = fd.number() == i && i < LaunchRequest.STATUS_FD ? i : safe(fd);
        }
        this.program = safe(program);
    }

    private int safe(Fd fd) throws ErrnoException {
        if (fd.number() >= sources.length) {
            return fd.number();
        }
        Fd copy = fd.copyAbove(sources.length);
        copies.add(copy);
        return copy.number();
    }

    @Override
    public void close() {
        for (int i = 0; i < copies.size(); i++) {
            copies.get(i).close();
        }
    }

    /// Tells who waits that the child was made, or could not be.
    void done() {
        done = true;
        LockSupport.unpark(waiter);
    }

    /// Waits without heeding interrupts: the child exists or not, and its maker must know.
    void await() {
        boolean interrupted = false;
        while (!done) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
