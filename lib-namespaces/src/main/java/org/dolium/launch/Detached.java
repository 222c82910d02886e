// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.dolium.kernel.Fd;
import org.dolium.linux.ErrnoException;

/// A container that was started through a monitor, and the JVM's part in that: until [#release] it dies with the JVM, as every
/// container does, and after that nothing of it needs the JVM.
///
/// ```java
/// try (Detached detached = Launcher.launchDetached(request, monitor, files)) {
///     detached.awaitStarted(Duration.ofSeconds(30));
///     writeRecord(detached.pid(), detached.monitorPid());
///     detached.release(Duration.ofSeconds(30));
/// }
/// ```
public final class Detached implements AutoCloseable {
    private Detached() {}

    /// The process that watches the container, a child of the JVM as long as that lives.
    public int monitorPid() {
        throw new UnsupportedOperationException("not yet");
    }

    /// The container's first process, which is the monitor's child.
    public int pid() {
        throw new UnsupportedOperationException("not yet");
    }

    /// Another descriptor of the container's first process, which is the caller's to close. It is this process's also after its end.
    public Fd copyPidfd() throws ErrnoException {
        throw new UnsupportedOperationException("not yet");
    }

    /// Waits until the container runs its command.
    ///
    /// @throws org.dolium.process.LaunchException if a step failed; nothing is left then
    public void awaitStarted(Duration timeout) throws IOException, InterruptedException {
        throw new UnsupportedOperationException("not yet");
    }

    /// Lets the container outlive the JVM: returns when the monitor has confirmed that it will. A command that has ended meanwhile
    /// has its status written now, never before.
    ///
    /// @throws IOException if the monitor was killed; nothing is left then
    public void release(Duration timeout) throws IOException, InterruptedException {
        throw new UnsupportedOperationException("not yet");
    }

    /// Completes when the monitor has ended and is reaped by this JVM, on a thread of its own: then the status is written, if the
    /// container was released.
    public CompletableFuture<Void> onEnd() {
        throw new UnsupportedOperationException("not yet");
    }

    /// Forgets a container that was released, and ends one that was not, without leaving anything.
    @Override
    public void close() {
        throw new UnsupportedOperationException("not yet");
    }
}
