// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// What a container used and uses, at one moment. A figure that the kernel does not give for this container is absent,
/// never 0.
///
/// @param at when it was read, by the clock of the machine
/// @param io per device; empty where no controller counts it: on cgroup v1 that needs a limit of io
/// @param network per interface, `lo` included; empty unless the container has a network namespace of its own and lives
public record Stats(
        Instant at, Cpu cpu, Memory memory, Pids pids, List<DeviceIo> io, List<Traffic> network, Pressures pressure) {
    public Stats {
        io = List.copyOf(io);
        network = List.copyOf(network);
    }

    /// Processor time since the container began, in nanoseconds. Where there is no limit of processor time nothing is
    /// throttled and nothing counted of it on cgroup v1.
    ///
    /// @param totalNanos of all its processes, also those that ended
    /// @param userNanos outside the kernel; on cgroup v1 this and the next are sampled
    /// @param systemNanos inside the kernel
    /// @param periods in how many periods of its limit it was active
    /// @param throttledPeriods in how many of them it used up its time
    /// @param throttledNanos how long its processes were held back, added up over the processors
    public record Cpu(
            OptionalLong totalNanos,
            OptionalLong userNanos,
            OptionalLong systemNanos,
            OptionalLong periods,
            OptionalLong throttledPeriods,
            OptionalLong throttledNanos) {}

    /// Memory in bytes.
    ///
    /// @param currentBytes in use, with the page cache and what the kernel uses for the container
    /// @param peakBytes the most that was in use at once; absent on cgroup v2 before Linux 5.19
    /// @param workingSetBytes in use without the page cache that was not used lately: what can't be taken back easily
    /// @param limitBytes absent if there is none
    /// @param swapBytes what lies in swap
    /// @param anonBytes memory of processes that is not part of a file
    /// @param fileBytes page cache, with shared and temporary memory
    /// @param kernelBytes what the kernel uses for the container; absent on cgroup v2 before Linux 5.18
    public record Memory(
            OptionalLong currentBytes,
            OptionalLong peakBytes,
            OptionalLong workingSetBytes,
            OptionalLong limitBytes,
            OptionalLong swapBytes,
            OptionalLong anonBytes,
            OptionalLong fileBytes,
            OptionalLong kernelBytes,
            MemoryEvents events) {}

    /// How often memory was short.
    ///
    /// @param high how often it was more than `memory.high`; absent on cgroup v1
    /// @param max how often the limit was reached, mostly to take page cache back; on cgroup v1 Linux 6.18 misses those
    ///     of the limit of memory and swap together, as it is with a limit of swap
    /// @param oom how often the limit was reached and nothing could be taken back; absent on cgroup v1
    /// @param oomKill how many processes were killed because of that
    public record MemoryEvents(OptionalLong high, OptionalLong max, OptionalLong oom, OptionalLong oomKill) {}

    /// Processes and threads: for the kernel both are tasks.
    ///
    /// @param current how many there are
    /// @param limit how many there may be; absent if there is no limit
    /// @param limitHits how often another one was refused
    public record Pids(OptionalLong current, OptionalLong limit, OptionalLong limitHits) {}

    /// What was read from and written to a block device. Reading from the page cache is not io.
    ///
    /// @param device its numbers, as `8:0`
    public record DeviceIo(
            String device, OptionalLong readBytes, OptionalLong writtenBytes, OptionalLong reads, OptionalLong writes) {}

    /// What came and went through a network interface.
    ///
    /// @param name as the container calls it
    /// @param receiveErrors packets that were damaged
    /// @param receiveDropped packets that were thrown away
    public record Traffic(
            String name,
            long receivedBytes,
            long receivedPackets,
            long receiveErrors,
            long receiveDropped,
            long sentBytes,
            long sentPackets,
            long sendErrors,
            long sendDropped) {}

    /// How long processes waited for something that is scarce: pressure stall information. Absent where the kernel does not
    /// measure it for cgroups (`psi=1`), and without any cgroup v2.
    public record Pressures(Optional<Pressure> cpu, Optional<Pressure> memory, Optional<Pressure> io) {
        public static final Pressures UNKNOWN =
                new Pressures(Optional.empty(), Optional.empty(), Optional.empty());
    }

    /// @param some when at least one task waited
    /// @param full when all waited that had something to do; absent for processors before Linux 5.13
    public record Pressure(Stall some, Optional<Stall> full) {}

    /// Shares of time that was lost, in percent over the last 10, 60 and 300 seconds.
    ///
    /// @param totalNanos all that was lost since the container began
    public record Stall(double avg10, double avg60, double avg300, long totalNanos) {}
}
