// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import org.dolium.files.ContainerFiles;
import org.dolium.kernel.Fd;
import org.dolium.launch.ListenerOwner;
import org.jspecify.annotations.Nullable;

/// A container that lives with this JVM, for further commands.
record OwnContainer(Container container, ExecBasis basis, Group group) implements ExecTarget, ExecTarget.Source {
    @Override
    public ExecTarget enter() {
        return this;
    }

    @Override
    public Fd copyPidfd() throws IOException {
        return container.launched().copyPidfd();
    }

    @Override
    public void checkRuns() throws IOException {
        container.checkRuns();
    }

    @Override
    public boolean isAlive() {
        return container.isAlive();
    }

    @Override
    public @Nullable ListenerOwner listenerOwner() {
        return container.listenerOwner();
    }

    @Override
    public ContainerFiles files() {
        return container.files();
    }

    @Override
    public ExecPrograms programs() {
        return container.execPrograms();
    }

    @Override
    public boolean isDetached() {
        return false;
    }

    @Override
    public void registered(Execution execution) {
        container.registered(execution);
    }

    @Override
    public void left(@Nullable Execution execution) {
        if (execution != null) {
            container.forget(execution);
        }
    }

    @Override
    public String toString() {
        return container.toString();
    }
}
