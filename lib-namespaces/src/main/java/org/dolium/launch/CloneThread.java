// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.locks.LockSupport;
import org.dolium.kernel.CloneStub;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Memory;
import org.dolium.linux.Arg;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Sys;
import org.jspecify.annotations.Nullable;

/// The thread that makes children. It never ends: the kernel sends a child its parent-death signal when the *thread*
/// that cloned it exits, so a pool's or a virtual thread's carrier would take containers with it.
final class CloneThread implements Runnable {
    private static final long PR_SET_PDEATHSIG = 1;
    private static final long SIGKILL = 9;
    private static final long PR_CAP_AMBIENT = 47;
    private static final long PR_CAP_AMBIENT_RAISE = 2;
    private static final long AT_EMPTY_PATH = 0x1000;
    private static final long CLOSE_RANGE_CLOEXEC = 4;
    private static final int CAPABILITY_VERSION_3 = 0x20080522;

    /// One child to make, and what came of it.
    static final class Job implements AutoCloseable {
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

        Job(LaunchRequest request, Fd program, Fd status) throws ErrnoException {
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

    private static final class Holder {
        static final CloneThread SHARED = started();

        private static CloneThread started() {
            CloneThread thread = new CloneThread();
            DaemonThreads.start("dolium-launcher", thread);
            return thread;
        }
    }

    private final LinkedTransferQueue<Job> jobs = new LinkedTransferQueue<>();
    private final CloneStub stub = new CloneStub();
    private final Memory capHeader = Memory.allocate(Arena.global(), 8);
    private final Memory capData = Memory.allocate(Arena.global(), 24);
    private final Memory argv = Memory.allocate(Arena.global(), 24);
    private final Memory empty = Memory.allocate(Arena.global(), 8);

    CloneThread() {
        argv.putLong(0, Memory.copy(Arena.global(), Arg.terminated("init".getBytes(StandardCharsets.US_ASCII))).address());
        capHeader.putInt(0, CAPABILITY_VERSION_3);
    }

    static CloneThread shared() {
        return Holder.SHARED;
    }

    void run(Job job) {
        jobs.add(job);
        job.await();
    }

    @Override
    public void run() {
        while (true) {
            try {
                serve(jobs.take());
            } catch (InterruptedException e) {
                // nobody has a reason to interrupt this thread, and it must not end
            }
        }
    }

    void serve(Job job) {
        try {
            job.pid = clone(job);
        } catch (RuntimeException e) {
            job.pid = -22;
            System.getLogger("org.dolium").log(System.Logger.Level.ERROR, "launch failed", e);
        } finally {
            job.done = true;
            LockSupport.unpark(job.waiter);
        }
    }

    private long clone(Job job) {
        stub.reset();
        LaunchRequest request = job.request;
        stub.add(Sys.PRCTL, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        for (int i = 0; i < job.sources.length; i++) {
            if (job.sources[i] != i) { // an inherited stream is in its place, and dup3 of equal numbers is an error
                stub.add(Sys.DUP3, job.sources[i], i, 0, 0, 0);
            }
        }
        stub.add(Sys.CLOSE_RANGE, job.sources.length, 0xffffffffL, CLOSE_RANGE_CLOEXEC, 0, 0);
        if (request.idMaps() != null) {
            keepCapabilities(request.lastCapability());
        }
        stub.add(Sys.EXECVEAT, job.program, empty.address(), argv.address(), argv.address() + 8, AT_EMPTY_PATH);
        long pid = stub.cloneChild(request.namespaces(), -1);
        if (pid > 0) {
            job.pidfd = stub.pidfd();
            if (stub.failedIndex() >= 0) {
                job.failedCall = stub.failedCall();
                job.failedResult = stub.failedResult();
            }
        }
        return pid;
    }

    /// An exec by a uid that is not mapped yet drops every capability, unless they are ambient.
    private void keepCapabilities(int last) {
        long all = last >= 63 ? -1L : (1L << (last + 1)) - 1;
        for (int i = 0; i < 3; i++) { // effective, permitted, inheritable
            capData.putInt(4 * i, (int) all);
            capData.putInt(12 + 4 * i, (int) (all >>> 32));
        }
        stub.add(Sys.CAPSET, capHeader.address(), capData.address(), 0, 0, 0);
        for (int c = 0; c <= last; c++) {
            stub.add(Sys.PRCTL, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, c, 0, 0);
        }
    }
}
