// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.launch.AttachSocket;
import org.dolium.launch.Detached;
import org.dolium.launch.LaunchRequest;
import org.dolium.launch.Launcher;
import org.dolium.launch.MonitorFiles;
import org.dolium.launch.Program;
import org.dolium.linux.Errno;
import org.dolium.linux.Sys;
import org.dolium.plan.LaunchPlan;
import org.dolium.plan.Step;
import org.dolium.sandbox.MonitorPlanner;
import org.dolium.sandbox.Monitoring;
import org.jspecify.annotations.Nullable;

/// A container that is launched through a monitor, without what else belongs to a detached container: its files are in a directory
/// that the test has made.
final class MonitoredLaunch implements AutoCloseable {
    static final Duration LONG = Duration.ofSeconds(60);
    private static final int O_RDWR_CREAT = 0x42;
    private static final int O_WRONLY_APPEND = 0x401;
    private static final int LOCK_EX_NB = 6;
    private static final int SIGKILL = 9;
    static final int HEADER = 24;

    /// What to change of the monitor's plan, to see that it matters.
    interface Change {
        LaunchPlan of(LaunchPlan plan);
    }

    /// One record of a log.
    record Entry(long seconds, long nanos, int stream, byte[] bytes) {
        String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /// What a monitor wrote at the end.
    record Status(int waitStatus, long seconds, long nanos, long lost, long userMicros, long systemMicros, long residentKib) {}

    private final Path directory;
    private final Detached detached;
    private final Fd pidfd;
    private final Group group;
    private final Cleanup cleanup;
    private final int pid;

    private MonitoredLaunch(Path directory, Detached detached, Fd pidfd, Group group, Cleanup cleanup) {
        this.directory = directory;
        this.detached = detached;
        this.pidfd = pidfd;
        this.group = group;
        this.cleanup = cleanup;
        this.pid = detached.pid();
    }

    static MonitoredLaunch of(ContainerBuilder builder, Path directory) throws Exception {
        return new Draft(builder, directory).launch();
    }

    /// A launch with other than the usual files.
    static final class Draft {
        private final ContainerBuilder builder;
        private final Path directory;
        long logBytes;
        int logFiles = 1;
        Change change = plan -> plan;
        @Nullable Path log;
        /// Gets the container's end of the pipe of its output, which the test then keeps open.
        @Nullable Fd output;
        boolean keepsOutput;

        Draft(ContainerBuilder builder, Path directory) {
            this.builder = builder;
            this.directory = directory;
        }

        MonitoredLaunch launch() throws Exception {
            ContainerSpec spec = builder.build();
            Cleanup cleanup = new Cleanup();
            try (Fd nothing = Fd.open("/dev/null", 2, 0); Pipe out = new Pipe(); Pipe err = new Pipe();
                    Prepared prepared = spec.blueprint.prepare(
                            cleanup, List.of(nothing, out.end[1], err.end[1]), null, null, false);
                    Fd at = Fd.open(directory.toString(), 0, 0);
                    Fd lock = Fd.open(directory.resolve("lock").toString(), O_RDWR_CREAT, 0600)) {
                Kernel.check(Kernel.call(Sys.FLOCK, lock.number(), LOCK_EX_NB, 0), "flock");
                if (keepsOutput) {
                    output = out.end[1].copyAbove(0);
                }
                try {
                    return launch(spec, cleanup, prepared, files(at, lock, out, err));
                } catch (IOException | RuntimeException e) {
                    prepared.group().close();
                    cleanup.run();
                    throw e;
                }
            } finally {
                spec.release();
            }
        }

        private MonitorFiles files(Fd at, Fd lock, Pipe out, Pipe err) throws IOException {
            boolean pipes = builder.terminal == null;
            List<Fd> kept = pipes ? List.of() : List.of(AttachSocket.create(at, "attach"));
            MonitorFiles files = MonitorFiles.create(at, lock, null, pipes ? out.end[0] : null, pipes ? err.end[0] : null, kept);
            if (log == null) {
                return files;
            }
            files.log().close();
            return new MonitorFiles(
                    at, lock, Fd.open(log.toString(), O_WRONLY_APPEND, 0), files.status(), files.out(), files.err(), List.of());
        }

        private MonitoredLaunch launch(ContainerSpec spec, Cleanup cleanup, Prepared prepared, MonitorFiles files)
                throws IOException, InterruptedException {
            LaunchRequest request = prepared.request();
            Monitoring monitoring = new Monitoring(
                    request.passed().size(), request.namespaces(), request.cgroup() != null, logBytes, logFiles,
                    builder.terminal == null ? Step.Monitor.Input.NONE : Step.Monitor.Input.TERMINAL, files.kept().size(), 0, 0);
            LaunchPlan plan = change.of(MonitorPlanner.plan(spec.blueprint.host(), monitoring));
            try (files; Program program = Program.compile(plan)) {
                Detached detached = Launcher.launchDetached(request, program, files);
                return new MonitoredLaunch(directory, detached, detached.copyPidfd(), prepared.group(), cleanup);
            }
        }
    }

    /// A pipe, closed as a whole.
    private static final class Pipe implements AutoCloseable {
        final Fd[] end;

        Pipe() throws IOException {
            end = Fd.pipe();
        }

        @Override
        public void close() {
            end[0].close();
            end[1].close();
        }
    }

    Detached detached() {
        return detached;
    }

    int pid() {
        return pid;
    }

    /// The container runs its command, and outlives the JVM.
    MonitoredLaunch released() throws Exception {
        detached.awaitStarted(LONG);
        detached.release(LONG);
        return this;
    }

    void signal(int signal) {
        Kernel.call(Sys.PIDFD_SEND_SIGNAL, pidfd.number(), signal, 0, 0);
    }

    void awaitEnd() throws Exception {
        detached.onEnd().get(LONG.toSeconds(), TimeUnit.SECONDS);
    }

    /// The records of one file, without a last one that is being written.
    static List<Entry> entries(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<Entry> entries = new ArrayList<>();
        while (bytes.remaining() >= HEADER && bytes.remaining() >= HEADER + bytes.getInt(bytes.position() + 16)) {
            long seconds = bytes.getLong();
            long nanos = bytes.getLong();
            byte[] content = new byte[bytes.getInt()];
            int stream = bytes.getInt();
            bytes.get(content);
            entries.add(new Entry(seconds, nanos, stream, content));
        }
        return entries;
    }

    /// Whether the container's first process has ended, be it waited for or not.
    boolean ended() {
        return ended(pidfd);
    }

    private static boolean ended(Fd pidfd) {
        try (Arena arena = Arena.ofConfined()) {
            Memory polled = Memory.allocate(arena, 24);
            polled.putInt(0, pidfd.number());
            polled.putShort(4, (short) 1);
            return Kernel.call(Sys.PPOLL, polled.address(), 1, polled.address() + 8, 0, 8, 0) > 0;
        }
    }

    /// What one stream printed, as far as the files of the log have it.
    String text(int stream) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 100; i >= 0; i--) {
            Path file = directory.resolve(i == 0 ? "log" : "log." + i);
            if (Files.exists(file)) {
                entries(file).stream().filter(entry -> entry.stream() == stream).forEach(entry -> text.append(entry.text()));
            }
        }
        return text.toString();
    }

    Status status() throws IOException {
        return status(directory);
    }

    static Status status(Path directory) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(directory.resolve("status"))).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.limit() != MonitorFiles.STATUS_LENGTH || bytes.getInt() != 0x31534c44) {
            throw new AssertionError("not a status");
        }
        Status status = new Status(bytes.getInt(), bytes.getLong(), bytes.getLong(), bytes.getLong(),
                bytes.getLong() * 1_000_000 + bytes.getLong(), bytes.getLong() * 1_000_000 + bytes.getLong(), bytes.getLong());
        if (bytes.getLong() != 0) {
            throw new AssertionError("the last word of a status is reserved");
        }
        return status;
    }

    /// Whether a monitor lives, as anybody can tell.
    static boolean locked(Path directory) throws IOException {
        try (Fd lock = Fd.open(directory.resolve("lock").toString(), 2, 0)) {
            return Kernel.call(Sys.FLOCK, lock.number(), LOCK_EX_NB, 0) == -Errno.EAGAIN.value();
        }
    }

    /// Ends what still runs.
    @Override
    public void close() throws IOException {
        detached.close();
        signal(SIGKILL);
        try {
            awaitEnd();
        } catch (Exception e) {
            throw new IOException(e);
        } finally {
            pidfd.close();
            group.close();
            cleanup.run();
        }
    }
}
