// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.dolium.kernel.CloneStub;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Memory;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;

/// Makes children with a [CloneStub]: what each does between its birth and its program. One object serves one thread at
/// a time.
final class Cloner {
    private static final long PR_SET_PDEATHSIG = 1;
    private static final long SIGKILL = 9;
    private static final long PR_CAP_AMBIENT = 47;
    private static final long PR_CAP_AMBIENT_RAISE = 2;
    private static final long AT_EMPTY_PATH = 0x1000;
    private static final long CLOSE_RANGE_CLOEXEC = 4;
    private static final int CAPABILITY_VERSION_3 = 0x20080522;

    /// Those that no thread is using; as many as there were callers at once.
    private static final ConcurrentLinkedQueue<Cloner> IDLE = new ConcurrentLinkedQueue<>();

    private final CloneStub stub = new CloneStub();
    private final Memory capHeader = Memory.allocate(Arena.global(), 8);
    private final Memory capData = Memory.allocate(Arena.global(), 24);
    private final Memory argv = Memory.allocate(Arena.global(), 24);
    private final Memory empty = Memory.allocate(Arena.global(), 8);

    Cloner() {
        argv.putLong(0, Memory.copy(Arena.global(), Arg.terminated("init".getBytes(StandardCharsets.US_ASCII))).address());
        capHeader.putInt(0, CAPABILITY_VERSION_3);
    }

    /// Makes the child on the calling thread, which must be a platform thread that outlives it: the kernel sends a child
    /// its parent-death signal when the thread that made it ends.
    static void makeHere(CloneJob job) {
        Cloner idle = IDLE.poll();
        Cloner cloner = idle == null ? new Cloner() : idle;
        try {
            cloner.make(job);
        } finally {
            IDLE.add(cloner);
        }
    }

    /// Makes the child of a job on the calling thread, whose end will end the child.
    void make(CloneJob job) {
        job.pid = clone(job);
    }

    private long clone(CloneJob job) {
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
        Fd cgroup = request.cgroup();
        long pid = stub.cloneChild(request.namespaces(), cgroup == null ? -1 : cgroup.number());
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
