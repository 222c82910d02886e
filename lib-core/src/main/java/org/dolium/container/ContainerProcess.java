// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.dolium.launch.Exit;
import org.dolium.launch.LaunchedProcess;

/// The command of a container as a [Process].
final class ContainerProcess extends Process {
    private final LaunchedProcess process;
    private final Stdio stdio;
    private final ContainerHandle handle;

    ContainerProcess(LaunchedProcess process, Stdio stdio) {
        this.process = process;
        this.stdio = stdio;
        this.handle = new ContainerHandle(process);
    }

    @Override
    public OutputStream getOutputStream() {
        return stdio.input();
    }

    @Override
    public InputStream getInputStream() {
        return stdio.output();
    }

    @Override
    public InputStream getErrorStream() {
        return stdio.error();
    }

    @Override
    public int waitFor() throws InterruptedException {
        try {
            return code(process.exit().get());
        } catch (ExecutionException e) {
            throw new AssertionError("an exit is never exceptional", e);
        }
    }

    @Override
    public boolean waitFor(long timeout, TimeUnit unit) throws InterruptedException {
        try {
            process.exit().get(timeout, unit);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new AssertionError("an exit is never exceptional", e);
        }
    }

    @Override
    public boolean waitFor(Duration timeout) throws InterruptedException {
        return waitFor(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS);
    }

    @Override
    public int exitValue() {
        Exit exit = process.exit().getNow(null);
        if (exit == null) {
            throw new IllegalThreadStateException("process has not exited");
        }
        return code(exit);
    }

    private static int code(Exit exit) {
        return exit.signalled() ? 128 + exit.status() : exit.status();
    }

    @Override
    public void destroy() {
        process.signal(Signal.TERM.number());
    }

    @Override
    public Process destroyForcibly() {
        process.signal(Signal.KILL.number());
        return this;
    }

    @Override
    public boolean supportsNormalTermination() {
        return true;
    }

    @Override
    public boolean isAlive() {
        return !process.exit().isDone();
    }

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public CompletableFuture<Process> onExit() {
        return process.onExit(exit -> this);
    }

    @Override
    public ProcessHandle toHandle() {
        return handle;
    }

    @Override
    public ProcessHandle.Info info() {
        return handle.info();
    }

    @Override
    public Stream<ProcessHandle> children() {
        return handle.children();
    }

    @Override
    public Stream<ProcessHandle> descendants() {
        return handle.descendants();
    }

    @Override
    public String toString() {
        return "Process[pid=" + pid() + ", " + (isAlive() ? "running" : "exitValue=" + exitValue()) + "]";
    }
}
