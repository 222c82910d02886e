// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import org.dolium.files.ContainerFiles;
import org.dolium.kernel.Fd;
import org.dolium.launch.ListenerOwner;
import org.dolium.state.Entry;
import org.jspecify.annotations.Nullable;

/// A detached container that was found again, held open for one further command.
final class FoundContainer implements ExecTarget {
    private final String name;
    private final Running running;
    private final ExecBasis basis;
    private final Group group;
    private boolean left;

    private FoundContainer(String name, Running running, ExecBasis basis, Group group) {
        this.name = name;
        this.running = running;
        this.basis = basis;
        this.group = group;
    }

    /// @param entry stays the caller's to close
    /// @param name for texts
    /// @throws IllegalStateException if it does not run
    /// @throws IOException also if this JVM can't make a process that is confined as the container is
    static FoundContainer enter(Entry entry, String name) throws IOException {
        Running running = Running.find(entry);
        if (running == null) {
            throw new IllegalStateException(name + " does not run");
        }
        try {
            ExecBasis basis = ExecRecord.read(entry, running.run()).basisHere();
            return new FoundContainer(name, running, basis, running.group());
        } catch (IOException | RuntimeException e) {
            running.close();
            throw e;
        }
    }

    @Override
    public ExecBasis basis() {
        return basis;
    }

    @Override
    public Group group() {
        return group;
    }

    @Override
    public Fd copyPidfd() throws IOException {
        return running.copyPidfd();
    }

    @Override
    public void checkRuns() throws IOException {
        if (running.ended()) {
            throw new IllegalStateException("the container has ended");
        }
        if (running.isPaused()) {
            throw new IllegalStateException("the container is paused");
        }
    }

    @Override
    public boolean isAlive() {
        return !running.endedMeanwhile();
    }

    @Override
    public @Nullable ListenerOwner listenerOwner() {
        return null;
    }

    @Override
    public ContainerFiles files() throws IOException {
        return running.files();
    }

    @Override
    public @Nullable ExecPrograms programs() {
        return null;
    }

    @Override
    public boolean isDetached() {
        return true;
    }

    @Override
    public void registered(Execution execution) {}

    @Override
    public synchronized void left(@Nullable Execution execution) {
        if (!left) {
            left = true;
            running.close();
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
