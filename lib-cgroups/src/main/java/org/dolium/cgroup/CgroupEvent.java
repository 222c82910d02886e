// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup;

/// Something that happened to a container as a whole, told by its cgroup.
public sealed interface CgroupEvent {

    /// The memory limit was reached, and nothing more could be taken back from caches.
    ///
    /// @param times how often since it was last told
    record OutOfMemory(long times) implements CgroupEvent {}

    /// The kernel killed processes because memory ran out.
    ///
    /// @param processes how many since it was last told
    record OomKill(long processes) implements CgroupEvent {}

    /// A limit was reached.
    ///
    /// @param times how often since it was last told; the kernel tells of many at once
    record LimitHit(Kind kind, long times) implements CgroupEvent {}

    /// What reached its limit.
    enum Kind {
        /// Memory: the container may go on if something can be taken back.
        MEMORY_MAX,
        /// More memory is in use than is wanted: the container is slowed down. Only on cgroup v2.
        MEMORY_HIGH,
        /// Another process or thread was refused.
        PIDS
    }

    /// There is no process in it any more.
    record Emptied() implements CgroupEvent {}

    /// Every process in it stands still.
    record Frozen() implements CgroupEvent {}

    /// Its processes go on.
    record Thawed() implements CgroupEvent {}
}
