// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Sys;
import org.jspecify.annotations.Nullable;

/// A container that was started through a monitor, and the JVM's part in that: until [#release] it dies with the JVM, as every
/// container does, and after that nothing of it needs the JVM. For one thread at a time.
///
/// ```java
/// try (Detached detached = Launcher.launchDetached(request, monitor, files)) {
///     detached.awaitStarted(Duration.ofSeconds(30));
///     writeRecord(detached.pid(), detached.monitorPid());
///     detached.release(Duration.ofSeconds(30));
/// }
/// ```
public final class Detached implements AutoCloseable {
    private final LaunchedProcess monitor;
    private final MonitorChannel channel;
    private final Fd status;
    private @Nullable LaunchedProcess container;
    private boolean released;
    private boolean closed;

    private Detached(LaunchedProcess monitor, MonitorChannel channel, Fd status) {
        this.monitor = monitor;
        this.channel = channel;
        this.status = status;
    }

    @SuppressWarnings("try") // the container's end is closed early, so that its death is seen as the end of the file
    static Detached launch(LaunchRequest request, Program program, MonitorFiles files) throws IOException, InterruptedException {
        Fd[] status = Fd.socketPair();
        try (Fd theirStatus = status[1]) {
            Fd[] channel = Fd.socketPair();
            LaunchedProcess monitor;
            try (Fd theirChannel = channel[1]) { // closed before anything is read, so that their end is seen
                monitor = makeMonitor(request, program, files, theirStatus, theirChannel);
            } catch (IOException | RuntimeException e) {
                channel[0].close();
                throw e;
            }
            theirStatus.close();
            Detached detached = new Detached(monitor, new MonitorChannel(channel[0], program.plan()), status[0]);
            detached.begin(request);
            return detached;
        } catch (IOException | InterruptedException | RuntimeException e) {
            status[0].close();
            throw e;
        }
    }

    /// In the order of [org.dolium.plan.Step.Monitor]. Where the container does not write to a pipe, there is one that has ended.
    private static LaunchedProcess makeMonitor(
            LaunchRequest request, Program program, MonitorFiles files, Fd status, Fd channel) throws IOException {
        Fd[] ended = Fd.pipe();
        try (Fd nothing = ended[0]) {
            ended[1].close();
            Fd out = files.out();
            Fd err = files.err();
            List<Fd> passed = new ArrayList<>(request.passed());
            passed.addAll(List.of(
                    request.program().file(), channel, files.directory(), files.lock(), files.log(), files.status(),
                    out == null ? nothing : out, err == null ? nothing : err));
            passed.addAll(files.kept());
            Fd cgroup = request.cgroup();
            if (cgroup != null) {
                passed.add(cgroup);
            }
            LaunchRequest own = new LaunchRequest(program, 0, request.stdio(), passed, null, request.lastCapability());
            try (CloneJob job = new CloneJob(own, program.file(), status)) {
                CloneThread.shared().run(job);
                return made(own, job);
            }
        }
    }

    /// The child of a job, which the poller waits for from now on.
    static LaunchedProcess made(LaunchRequest own, CloneJob job) throws IOException {
        Fd pidfd = job.pidfd;
        if (pidfd == null) {
            throw Launcher.failure("clone3({flags=CLONE_VM|CLONE_VFORK|CLONE_PIDFD|CLONE_CLEAR_SIGHAND})", Kernel.errno(job.pid));
        }
        LaunchedProcess monitor =
                new LaunchedProcess(own.program().plan(), (int) job.pid, pidfd, new Fd(-1), null, null).withoutStatus();
        if (job.failedCall != null) {
            monitor.abandon();
            throw Launcher.failure(job.failedCall, Kernel.errno(job.failedResult));
        }
        monitor.watchEnd();
        return monitor;
    }

    /// Lets the container go on: it is bound to a monitor that lives, its ids are mapped, and it is where it belongs.
    private void begin(LaunchRequest request) throws IOException, InterruptedException {
        try {
            int pid = channel.awaitContainer();
            Fd pidfd = new Fd((int) Kernel.check(Kernel.call(Sys.PIDFD_OPEN, pid, 0, 0), "pidfd_open(" + pid + ")"));
            LaunchedProcess made =
                    new LaunchedProcess(request.program().plan(), pid, pidfd, status, null, channel).watchedBy(monitor);
            container = made;
            checkMonitor(); // it lives, so it has not waited for the container, whose pid was its own
            prepare(request, pid);
            made.go();
        } catch (IOException | InterruptedException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private void prepare(LaunchRequest request, int pid) throws IOException, InterruptedException {
        try {
            Launcher.mapIds(request.idMaps(), pid);
            Launcher.place(request.placement(), pid);
        } catch (IOException e) {
            channel.check(); // if it has ended, that is why
            throw e;
        }
    }

    private void checkMonitor() throws IOException {
        if (monitor.isOver()) {
            throw new IOException("the monitor of the container, process " + monitor.pid() + ", has ended: it was killed");
        }
    }

    private LaunchedProcess container() {
        LaunchedProcess made = container;
        if (made == null || closed) {
            throw new IllegalStateException("closed");
        }
        return made;
    }

    /// The process that watches the container, a child of the JVM as long as that lives.
    public int monitorPid() {
        return monitor.pid();
    }

    /// The container's first process, which is the monitor's child.
    public int pid() {
        return container().pid();
    }

    /// Another descriptor of the container's first process, which is the caller's to close.
    ///
    /// @throws IllegalStateException if it has ended, or this is closed
    public Fd copyPidfd() throws ErrnoException {
        return container().copyPidfd();
    }

    /// Waits until the container runs its command.
    ///
    /// @throws org.dolium.process.LaunchException if a step failed; nothing is left then
    public void awaitStarted(Duration timeout) throws IOException, InterruptedException {
        try {
            container().awaitStarted(timeout);
            channel.check();
            checkMonitor();
        } catch (IOException | InterruptedException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /// Lets the container outlive the JVM: returns when the monitor has confirmed that it will. A command that has ended meanwhile
    /// has its status written now, never before.
    ///
    /// @throws IOException if the monitor was killed; nothing is left then
    public void release(Duration timeout) throws IOException, InterruptedException {
        container();
        if (released) {
            return;
        }
        try {
            channel.release(timeout);
            released = true;
        } catch (IOException | InterruptedException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /// Completes when the monitor has ended and is reaped by this JVM, on a thread of its own: then the status is written, if the
    /// container was released.
    public CompletableFuture<@Nullable Void> onEnd() {
        return monitor.onExit(new Function<Exit, @Nullable Void>() {
            @Override
            public @Nullable Void apply(Exit exit) {
                return null;
            }
        });
    }

    /// Forgets a container that was released, and ends one that was not, without leaving anything.
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        channel.close();
        LaunchedProcess made = container;
        if (made != null && released) {
            made.forget();
            return;
        }
        if (made != null) {
            made.abandon();
        }
        status.close();
        monitor.awaitGone();
    }
}
