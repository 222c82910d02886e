// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import org.dolium.process.LaunchException;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.dolium.kernel.CloneStub;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.Namespaces;
import org.dolium.plan.LaunchPlan;
import org.dolium.plan.Step;
import org.jspecify.annotations.Nullable;

/// Makes a child that performs a plan.
public final class Launcher {
    private static final int ATTEMPTS = 100;

    private Launcher() {}

    /// Loads what a launch takes and asks nothing of the host, for a JVM that has something else to wait for.
    public static void preload() {
        Object[] loaded = {
            LaunchedProcess.class, LaunchException.class, CloneJob.class, Cloner.class, CloneStub.class,
            ProgramFile.class, StreamFd.class, PipeInput.class, PipeOutput.class, DirectWait.class, Exit.class,
            Poller.Handler.class, new CompletableFuture<Exit>(), new ConcurrentLinkedQueue<Cloner>()
        };
        java.lang.ref.Reference.reachabilityFence(loaded);
    }

    /// Makes the child and lets it go on. Whether the child came to run its command is told by
    /// [LaunchedProcess#awaitStarted].
    ///
    /// @throws LaunchException if the child could not be made; nothing is left then
    public static LaunchedProcess launch(LaunchRequest request) throws IOException, InterruptedException {
        return launch(request, false);
    }

    /// As [#launch], for a platform thread that waits for the end of the child, or kills it, before it does anything
    /// else: the child is made by this thread and dies with it. Spares two changes of threads.
    public static LaunchedProcess launchHere(LaunchRequest request) throws IOException, InterruptedException {
        return launch(request, true);
    }

    /// Makes a monitor, which makes the container and watches it. The request is that of an ordinary launch, with the same
    /// program, but without a listener and an owner of a terminal; `stdio` has the other ends of the pipes in `files`.
    ///
    /// @param monitor the plan of [org.dolium.sandbox.MonitorPlanner] for this request, compiled
    /// @throws IllegalArgumentException for a container that joins another's pid namespace
    /// @throws LaunchException if one of them could not be made; nothing is left then
    public static Detached launchDetached(LaunchRequest request, Program monitor, MonitorFiles files)
            throws IOException, InterruptedException {
        if (request.listener() != null || request.terminal() != null) {
            throw new IllegalArgumentException("a detached container's calls and terminal have no owner in the JVM");
        }
        if (forks(request.program().plan())) {
            throw new IllegalArgumentException("a detached container can't be in another's pid namespace");
        }
        for (int attempt = 1; ; attempt++) {
            try {
                return Detached.launch(request, monitor, files);
            } catch (LaunchException e) {
                if (attempt == ATTEMPTS || !e.call().startsWith("execveat(") || !UnnamedFile.passesSoon(-e.errno().value())) {
                    throw e;
                }
            }
            Thread.sleep(1);
        }
    }

    private static LaunchedProcess launch(LaunchRequest request, boolean here)
            throws IOException, InterruptedException {
        for (int attempt = 1; ; attempt++) {
            LaunchedProcess process = launchOnce(request, here, attempt < ATTEMPTS);
            if (process != null) {
                return process;
            }
            Thread.sleep(1);
        }
    }

    /// @return nothing if the launch failed for a reason that soon passes, and `again` is true
    @SuppressWarnings("try") // the child's end is closed early, so that its death is seen as the end of the file
    private static @Nullable LaunchedProcess launchOnce(
            LaunchRequest request, boolean here, boolean again)
            throws IOException, InterruptedException {
        Fd[] status = Fd.socketPair();
        try (Fd theirs = status[1];
                CloneJob job = new CloneJob(request, request.program().file(), theirs)) {
            if (here) {
                Cloner.makeHere(job);
            } else {
                CloneThread.shared().run(job);
            }
            theirs.close();
            if (again && job.failedCall != null && UnnamedFile.passesSoon(job.failedResult)) {
                abandoned(request, job, status[0]);
                return null;
            }
            return release(request, job, status[0]);
        } catch (IOException | InterruptedException | RuntimeException e) {
            status[0].close();
            throw e;
        }
    }

    private static LaunchedProcess release(LaunchRequest request, CloneJob job, Fd status)
            throws IOException, InterruptedException {
        Fd pidfd = job.pidfd;
        if (pidfd == null) {
            Errno errno = Kernel.errno(job.pid);
            throw failure(cloneText(request.namespaces(), request.cgroup() != null), errno);
        }
        if (job.failedCall != null) {
            abandoned(request, job, status);
            Errno errno = Kernel.errno(job.failedResult);
            throw failure(job.failedCall, errno);
        }
        LaunchedProcess process = process(request, job, pidfd, status);
        try {
            mapIds(request.idMaps(), job.pid);
            place(request.placement(), job.pid);
        } catch (IOException | InterruptedException | RuntimeException e) {
            process.abandon();
            throw e;
        }
        if (request.program().plan().waitsFirst()) {
            process.go();
        }
        return process;
    }

    static LaunchException failure(String call, Errno errno) {
        return new LaunchException(-1, 0, call, errno, ReadHostFiles.hint(call, errno));
    }

    private static LaunchedProcess process(LaunchRequest request, CloneJob job, Fd pidfd, Fd status) {
        LaunchPlan plan = request.program().plan();
        LaunchedProcess process = new LaunchedProcess(plan, (int) job.pid, pidfd, status, request.listener(), request.terminal());
        boolean ownPids = (request.namespaces() & NamespaceKind.PID.cloneFlag()) != 0;
        return ownPids || forks(plan) ? process : process.leadingGroup();
    }

    /// Whether the command is another process than the first, whose group it is in.
    private static boolean forks(LaunchPlan plan) {
        for (int i = 0; i < plan.steps().size(); i++) {
            if (plan.steps().get(i) instanceof Step.Fork) {
                return true;
            }
        }
        return false;
    }

    /// Reaps a child that ended before its program began.
    private static void abandoned(LaunchRequest request, CloneJob job, Fd status) {
        Fd pidfd = job.pidfd;
        if (pidfd != null) {
            process(request, job, pidfd, status).abandon();
        }
    }

    static void mapIds(@Nullable IdMapWriter maps, long pid) throws IOException, InterruptedException {
        if (maps == null) {
            return;
        }
        try {
            maps.write(pid);
        } catch (LaunchException e) {
            throw e;
        } catch (ErrnoException e) {
            throw failure(e.call(), e.errno());
        }
    }

    static void place(@Nullable Placement placement, long pid) throws IOException, InterruptedException {
        if (placement != null) {
            placement.place(pid);
        }
    }

    private static String cloneText(long namespaces, boolean intoCgroup) {
        String flags = (intoCgroup ? "|CLONE_INTO_CGROUP" : "")
                + (namespaces == 0 ? "" : "|" + Namespaces.flagsText(namespaces));
        return "clone3({flags=CLONE_VM|CLONE_VFORK|CLONE_PIDFD|CLONE_CLEAR_SIGHAND" + flags + "})";
    }
}
