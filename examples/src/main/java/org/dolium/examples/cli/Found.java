// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.dolium.container.Containers;
import org.dolium.container.DetachedContainer;
import org.dolium.container.DetachedState;
import org.dolium.container.ExitStatus;

/// Detached containers as they are asked for on the command line: by name, id, or the beginning of an id.
final class Found {
    private Found() {}

    static DetachedContainer find(Containers containers, String wanted) throws IOException {
        return tryFind(containers, wanted).orElseThrow(() -> new IOException("No such container: " + wanted));
    }

    /// @throws IOException also if the ids of several begin so
    static Optional<DetachedContainer> tryFind(Containers containers, String wanted) throws IOException {
        try {
            return containers.find(wanted);
        } catch (IllegalArgumentException e) {
            if (wanted.matches("[0-9a-f]{1,63}")) {
                throw new IOException("Multiple IDs found with provided prefix: " + wanted, e);
            }
            return Optional.empty(); // nothing can be called so
        }
    }

    /// As [#find], and it must run.
    static DetachedContainer running(Containers containers, String wanted) throws IOException {
        DetachedContainer container = find(containers, wanted);
        if (!isUp(container)) {
            throw new IOException("container " + container.id() + " is not running");
        }
        return container;
    }

    static boolean isUp(DetachedContainer container) throws IOException {
        DetachedState state = container.state();
        return state == DetachedState.RUNNING || state == DetachedState.PAUSED;
    }

    /// All of them as they are now, the newest first; but not those that were to be removed when they ended.
    static List<ContainerView> listed(Containers containers, Unreadable unreadable) throws IOException {
        return views(containers, unreadable, false);
    }

    /// All of them as they are now, the newest first.
    static List<ContainerView> all(Containers containers, Unreadable unreadable) throws IOException {
        return views(containers, unreadable, true);
    }

    private static List<ContainerView> views(Containers containers, Unreadable unreadable, boolean all) throws IOException {
        List<ContainerView> views = new ArrayList<>();
        for (DetachedContainer container : containers.list()) {
            try {
                ContainerView view = view(container);
                if (all || view.state() != ContainerView.State.EXITED || !StoredRun.of(container).remove()) {
                    views.add(view);
                }
            } catch (IOException e) {
                unreadable.tellUnlessGone(containers, container, e);
            }
        }
        return views;
    }

    /// For what failed because of a container that somebody may have removed meanwhile.
    static void throwUnlessGone(Containers containers, DetachedContainer container, IOException failure) throws IOException {
        if (containers.find(container.id()).isPresent()) {
            throw failure;
        }
    }

    static ContainerView view(DetachedContainer container) throws IOException {
        StoredRun run = StoredRun.of(container);
        ContainerView.State state = switch (container.state()) {
            case CREATED -> ContainerView.State.CREATED;
            case RUNNING -> ContainerView.State.RUNNING;
            case PAUSED -> ContainerView.State.PAUSED;
            case EXITED -> ContainerView.State.EXITED;
            case LOST -> ContainerView.State.DEAD;
        };
        boolean up = state == ContainerView.State.RUNNING || state == ContainerView.State.PAUSED;
        if (!up && container.isRestarting()) {
            state = ContainerView.State.RESTARTING;
        }
        Instant finished = up ? null : container.finished().orElse(null);
        ExitStatus end = up ? null : container.exitStatus().orElse(null);
        return new ContainerView(container.id(), container.name(), run.image(), run.imageId(), container.command(), container.labels(),
                container.created(), container.started().orElse(null), finished, state, end == null ? 0 : end.shellCode(),
                end instanceof ExitStatus.OutOfMemory, up ? container.pid().orElse(0) : 0);
    }
}
