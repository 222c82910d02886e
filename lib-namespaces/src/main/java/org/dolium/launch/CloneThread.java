// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.util.concurrent.LinkedTransferQueue;

/// The thread that makes children. It never ends: the kernel sends a child its parent-death signal when the *thread*
/// that cloned it exits, so a pool's or a virtual thread's carrier would take containers with it.
final class CloneThread implements Runnable {
    private static final class Holder {
        static final CloneThread SHARED = started();

        private static CloneThread started() {
            CloneThread thread = new CloneThread();
            DaemonThreads.start("dolium-launcher", thread);
            return thread;
        }
    }

    private final LinkedTransferQueue<CloneJob> jobs = new LinkedTransferQueue<>();
    private final Cloner cloner = new Cloner();

    static CloneThread shared() {
        return Holder.SHARED;
    }

    void run(CloneJob job) {
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

    void serve(CloneJob job) {
        try {
            cloner.make(job);
        } catch (RuntimeException e) {
            job.pid = -22;
            System.getLogger("org.dolium").log(System.Logger.Level.ERROR, "launch failed", e);
        } finally {
            job.done();
        }
    }
}
