// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.dolium.launch.LaunchedProcess;

/// A [ProcessHandle] backed by a pidfd: it keeps meaning this process after its pid was given to another.
final class ContainerHandle implements ProcessHandle {
    private final LaunchedProcess process;

    ContainerHandle(LaunchedProcess process) {
        this.process = process;
    }

    /// The JDK's handle, as long as the pid is certainly ours: a child that is not reaped keeps its pid.
    private Optional<ProcessHandle> live() {
        Optional<ProcessHandle> handle = ProcessHandle.of(process.pid());
        return isAlive() ? handle : Optional.empty();
    }

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public Optional<ProcessHandle> parent() {
        return isAlive() ? Optional.of(ProcessHandle.current()) : Optional.empty();
    }

    @Override
    public Stream<ProcessHandle> children() {
        return live().map(ProcessHandle::children).orElseGet(Stream::empty);
    }

    @Override
    public Stream<ProcessHandle> descendants() {
        return live().map(ProcessHandle::descendants).orElseGet(Stream::empty);
    }

    @Override
    public Info info() {
        return live().map(ProcessHandle::info).orElse(NoInfo.NONE);
    }

    @Override
    public CompletableFuture<ProcessHandle> onExit() {
        return process.onExit(exit -> this);
    }

    @Override
    public boolean supportsNormalTermination() {
        return true;
    }

    @Override
    public boolean destroy() {
        return process.signal(Signal.TERM.number());
    }

    @Override
    public boolean destroyForcibly() {
        return process.signal(Signal.KILL.number());
    }

    @Override
    public boolean isAlive() {
        return !process.exit().isDone();
    }

    @Override
    public int compareTo(ProcessHandle other) {
        return Long.compare(pid(), other.pid());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ContainerHandle handle && handle.process == process;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(process);
    }

    @Override
    public String toString() {
        return Long.toString(pid());
    }

    private enum NoInfo implements Info {
        NONE;

        @Override
        public Optional<String> command() {
            return Optional.empty();
        }

        @Override
        public Optional<String> commandLine() {
            return Optional.empty();
        }

        @Override
        public Optional<String[]> arguments() {
            return Optional.empty();
        }

        @Override
        public Optional<Instant> startInstant() {
            return Optional.empty();
        }

        @Override
        public Optional<Duration> totalCpuDuration() {
            return Optional.empty();
        }

        @Override
        public Optional<String> user() {
            return Optional.empty();
        }
    }
}
