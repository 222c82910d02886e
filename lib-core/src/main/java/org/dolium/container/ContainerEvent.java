// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import org.dolium.cgroup.CgroupEvent;

/// Something that happened to a container; see [Container#onEvent].
public sealed interface ContainerEvent {

    /// It is set up; its command does not run yet.
    record Created() implements ContainerEvent {}

    /// Its command runs.
    record Started() implements ContainerEvent {}

    /// [Container#kill] or [Container#stop] sent a signal.
    record Signalled(Signal signal) implements ContainerEvent {}

    /// Every process in it stands still.
    record Paused() implements ContainerEvent {}

    /// Its processes go on.
    record Resumed() implements ContainerEvent {}

    /// Memory ran out, a limit was reached, or nobody is in it any more, as its cgroup tells.
    record Resources(CgroupEvent event) implements ContainerEvent {}

    /// Its command ended.
    record Exited(ExitStatus status) implements ContainerEvent {}

    /// [Container#stop] ended it.
    ///
    /// @param forced whether it had to be killed
    record Stopped(boolean forced) implements ContainerEvent {}

    /// It was closed, and nothing of it is left. This is the last event.
    record Closed() implements ContainerEvent {}

    /// What an event of its cgroup means.
    static ContainerEvent of(CgroupEvent event) {
        if (event instanceof CgroupEvent.Frozen) {
            return new Paused();
        }
        return event instanceof CgroupEvent.Thawed ? new Resumed() : new Resources(event);
    }
}
