// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup;

import java.time.Duration;
import java.util.List;

/// One limit of a cgroup, in the words of cgroup v2; see the kernel's Documentation/admin-guide/cgroup-v2.rst. Each works
/// on cgroup v1 too where v1 has an equivalent; its documentation says where it has none.
///
/// ```java
/// builder.limit(Limit.memoryHigh(48 << 20)).limit(Limit.cpuWeight(50), Requirement.PREFERRED);
/// ```
public sealed interface Limit {
    /// For [MemoryMax], [SwapMax], [MemoryHigh] and [PidsMax]: no limit.
    long UNLIMITED = Long.MAX_VALUE;

    /// The controller that enforces it.
    Controller controller();

    /// Which other limits it replaces: the last word on the same thing counts.
    default Object key() {
        return getClass();
    }

    /// Memory in bytes, beyond which the kernel reclaims, and kills if that does not help; at least 1 MiB. Without a
    /// [SwapMax] beside it, no swap may be used.
    record MemoryMax(long bytes) implements Limit {
        /// With less, the exec of the very first program may run out of memory.
        public static final long LEAST = 1 << 20;

        public MemoryMax {
            if (bytes < LEAST) {
                throw new IllegalArgumentException("memory limit " + bytes + " is less than " + LEAST + " bytes");
            }
        }

        @Override
        public Controller controller() {
            return Controller.MEMORY;
        }

        @Override
        public String toString() {
            return "memory limit " + amount(bytes) + (bytes == UNLIMITED ? "" : " bytes");
        }
    }

    /// Swap in bytes besides memory; 0 forbids it. (Docker's `--memory-swap` is the sum of both.)
    record SwapMax(long bytes) implements Limit {
        public SwapMax {
            if (bytes < 0) {
                throw new IllegalArgumentException("swap limit " + bytes + " is negative");
            }
        }

        @Override
        public Controller controller() {
            return Controller.MEMORY;
        }

        @Override
        public String toString() {
            return "swap limit " + amount(bytes) + (bytes == UNLIMITED ? "" : " bytes");
        }
    }

    /// Memory in bytes beyond which processes are slowed down while the kernel reclaims. Not in cgroup v1.
    record MemoryHigh(long bytes) implements Limit {
        public MemoryHigh {
            if (bytes < 0) {
                throw new IllegalArgumentException("memory high " + bytes + " is negative");
            }
        }

        @Override
        public Controller controller() {
            return Controller.MEMORY;
        }

        @Override
        public String toString() {
            return "memory high " + amount(bytes) + (bytes == UNLIMITED ? "" : " bytes");
        }
    }

    /// Memory in bytes that is reclaimed only when nothing else is left; `memory.soft_limit_in_bytes` in cgroup v1.
    record MemoryLow(long bytes) implements Limit {
        public MemoryLow {
            if (bytes < 0) {
                throw new IllegalArgumentException("memory low " + bytes + " is negative");
            }
        }

        @Override
        public Controller controller() {
            return Controller.MEMORY;
        }

        @Override
        public String toString() {
            return "memory low " + bytes + " bytes";
        }
    }

    /// Whether the kernel, when it must kill for lack of memory, kills the whole container at once. Not in cgroup v1.
    record OomGroup(boolean whole) implements Limit {
        @Override
        public Controller controller() {
            return Controller.MEMORY;
        }

        @Override
        public String toString() {
            return "memory.oom.group " + (whole ? 1 : 0);
        }
    }

    /// Processor time of all processors together: `quota` in each `period`.
    ///
    /// @param quota at least 1 ms; or [#NO_QUOTA]
    /// @param period from 1 ms to 1 s
    record CpuQuota(Duration quota, Duration period) implements Limit {
        /// As much as there is.
        public static final Duration NO_QUOTA = Duration.ofSeconds(Long.MAX_VALUE);

        private static final Duration LEAST = Duration.ofMillis(1);
        private static final Duration LONGEST_QUOTA = Duration.ofDays(200);

        public CpuQuota {
            if (period.compareTo(LEAST) < 0 || period.compareTo(Duration.ofSeconds(1)) > 0) {
                throw new IllegalArgumentException("cpu period " + period + " is not between 1 ms and 1 s");
            }
            if (quota.compareTo(LEAST) < 0) {
                throw new IllegalArgumentException("cpu quota " + quota + " is less than 1 ms in a period of " + period);
            }
            if (quota.compareTo(LONGEST_QUOTA) > 0 && !quota.equals(NO_QUOTA)) {
                throw new IllegalArgumentException("cpu quota " + quota + " is more than " + LONGEST_QUOTA);
            }
        }

        @Override
        public Controller controller() {
            return Controller.CPU;
        }

        @Override
        public String toString() {
            return quota.equals(NO_QUOTA) ? "cpu quota max" : "cpu quota " + quota + " in " + period;
        }
    }

    /// How much unused quota may be saved up for later periods; see cpu.max.burst. At most the quota.
    record CpuBurst(Duration burst) implements Limit {
        public CpuBurst {
            if (burst.isNegative() || burst.compareTo(Duration.ofDays(200)) > 0) {
                throw new IllegalArgumentException("cpu burst " + burst + " is not between 0 and 200 days");
            }
        }

        @Override
        public Controller controller() {
            return Controller.CPU;
        }

        @Override
        public String toString() {
            return "cpu burst " + burst;
        }
    }

    /// The share of processor time where there is not enough for all, from 1 to 10,000; 100 is the kernel's default.
    record CpuWeight(int weight) implements Limit {
        public CpuWeight {
            if (weight < 1 || weight > 10_000) {
                throw new IllegalArgumentException("cpu weight " + weight + " is not between 1 and 10000");
            }
        }

        @Override
        public Controller controller() {
            return Controller.CPU;
        }

        @Override
        public String toString() {
            return "cpu weight " + weight;
        }
    }

    /// As [CpuWeight] in the numbers of cgroup v1 and Docker, from 2 to 262,144; 1024 is the kernel's default.
    record CpuShares(int shares) implements Limit {
        public CpuShares {
            if (shares < 2 || shares > 262_144) {
                throw new IllegalArgumentException("cpu shares " + shares + " are not between 2 and 262144");
            }
        }

        @Override
        public Controller controller() {
            return Controller.CPU;
        }

        @Override
        public Object key() {
            return CpuWeight.class;
        }

        @Override
        public String toString() {
            return "cpu shares " + shares;
        }
    }

    /// Whether the container only gets processor time that nobody else wants; see cpu.idle, Linux 5.15.
    record CpuIdle(boolean idle) implements Limit {
        @Override
        public Controller controller() {
            return Controller.CPU;
        }

        @Override
        public String toString() {
            return "cpu.idle " + (idle ? 1 : 0);
        }
    }

    /// How many processes and threads there may be at once.
    record PidsMax(long count) implements Limit {
        public PidsMax {
            if (count < 1) {
                throw new IllegalArgumentException("pids limit " + count + " is less than 1");
            }
        }

        @Override
        public Controller controller() {
            return Controller.PIDS;
        }

        @Override
        public String toString() {
            return "pids limit " + amount(count);
        }
    }

    /// The processors that the container may run on.
    record CpusetCpus(CpuSet cpus) implements Limit {
        @Override
        public Controller controller() {
            return Controller.CPUSET;
        }

        @Override
        public String toString() {
            return "cpuset cpus " + cpus;
        }
    }

    /// The memory nodes that the container gets memory of.
    record CpusetMems(CpuSet nodes) implements Limit {
        @Override
        public Controller controller() {
            return Controller.CPUSET;
        }

        @Override
        public String toString() {
            return "cpuset mems " + nodes;
        }
    }

    /// The share of a disk's time where there is not enough for all, from 1 to 10,000; 100 is the kernel's default. Disks
    /// heed it whose scheduler is BFQ, or for which `io.cost.qos` is on.
    record IoWeight(int weight) implements Limit {
        public IoWeight {
            if (weight < 1 || weight > 10_000) {
                throw new IllegalArgumentException("io weight " + weight + " is not between 1 and 10000");
            }
        }

        @Override
        public Controller controller() {
            return Controller.IO;
        }

        @Override
        public String toString() {
            return "io weight " + weight;
        }
    }

    /// As [IoWeight] in the numbers of cgroup v1 and Docker, from 10 to 1000.
    record BlkioWeight(int weight) implements Limit {
        public BlkioWeight {
            if (weight < 10 || weight > 1000) {
                throw new IllegalArgumentException("blkio weight " + weight + " is not between 10 and 1000");
            }
        }

        @Override
        public Controller controller() {
            return Controller.IO;
        }

        @Override
        public Object key() {
            return IoWeight.class;
        }

        @Override
        public String toString() {
            return "blkio weight " + weight;
        }
    }

    /// Bytes and operations per second of one disk, each at least 1 or [#UNLIMITED]. In cgroup v1 it holds back only
    /// what is read and written past the page cache (O_DIRECT).
    ///
    /// @param device a whole disk, see [BlockDevice#disk]
    record IoMax(BlockDevice device, long readBps, long writeBps, long readIops, long writeIops) implements Limit {
        public IoMax {
            check(device, readBps, "bytes read");
            check(device, writeBps, "bytes written");
            check(device, readIops, "reads");
            check(device, writeIops, "writes");
        }

        private static void check(BlockDevice device, long rate, String what) {
            if (rate < 1) {
                throw new IllegalArgumentException(
                        "limit of " + rate + " " + what + " per second of " + device + " is less than 1");
            }
        }

        /// No limit yet, for a disk.
        public static IoMax of(BlockDevice device) {
            return new IoMax(device, UNLIMITED, UNLIMITED, UNLIMITED, UNLIMITED);
        }

        /// The same with as many bytes read per second.
        public IoMax readBps(long bytes) {
            return new IoMax(device, bytes, writeBps, readIops, writeIops);
        }

        /// The same with as many bytes written per second.
        public IoMax writeBps(long bytes) {
            return new IoMax(device, readBps, bytes, readIops, writeIops);
        }

        /// The same with as many reads per second.
        public IoMax readIops(long reads) {
            return new IoMax(device, readBps, writeBps, reads, writeIops);
        }

        /// The same with as many writes per second.
        public IoMax writeIops(long writes) {
            return new IoMax(device, readBps, writeBps, readIops, writes);
        }

        @Override
        public Controller controller() {
            return Controller.IO;
        }

        @Override
        public Object key() {
            return List.of(IoMax.class, device);
        }

        @Override
        public String toString() {
            return "io limit of " + device + " rbps=" + amount(readBps) + " wbps=" + amount(writeBps) + " riops="
                    + amount(readIops) + " wiops=" + amount(writeIops);
        }
    }

    /// Memory in huge pages of one size, in bytes: those in use and, where the kernel counts them, those promised.
    record HugetlbMax(HugePageSize size, long bytes) implements Limit {
        public HugetlbMax {
            if (bytes < 0) {
                throw new IllegalArgumentException("limit of " + size + " huge pages " + bytes + " is negative");
            }
        }

        @Override
        public Controller controller() {
            return Controller.HUGETLB;
        }

        @Override
        public Object key() {
            return List.of(HugetlbMax.class, size);
        }

        @Override
        public String toString() {
            return "limit of " + size + " huge pages " + amount(bytes) + (bytes == UNLIMITED ? "" : " bytes");
        }
    }

    /// The only devices that may be opened and made: by an eBPF program in cgroup v2, by `devices.allow` in v1. A device
    /// must be allowed by the cgroups above as well. The container makes the nodes of its own /dev under this list: begin
    /// with [DeviceRule#standard].
    record Devices(List<DeviceRule> allowed) implements Limit {
        public Devices {
            allowed = List.copyOf(allowed);
        }

        @Override
        public Controller controller() {
            return Controller.DEVICES;
        }

        @Override
        public String toString() {
            return "device list " + allowed;
        }
    }

    /// A value for a file of cgroup v2 that has no words here, as `memory.min`; written after all other limits.
    ///
    /// @param file a file of the controllers memory, cpu, io, cpuset, pids, hugetlb, rdma, misc or dmem
    record Unified(String file, String value) implements Limit {
        public Unified {
            UnifiedFile.check(file, value);
        }

        @Override
        public Controller controller() {
            return UnifiedFile.controller(file);
        }

        @Override
        public Object key() {
            return List.of(Unified.class, file);
        }

        @Override
        public String toString() {
            return file + " " + value;
        }
    }

    private static String amount(long value) {
        return value == UNLIMITED ? "max" : Long.toString(value);
    }

    /// @see MemoryMax
    static Limit memoryMax(long bytes) {
        return new MemoryMax(bytes);
    }

    /// @see SwapMax
    static Limit swapMax(long bytes) {
        return new SwapMax(bytes);
    }

    /// @see MemoryHigh
    static Limit memoryHigh(long bytes) {
        return new MemoryHigh(bytes);
    }

    /// @see MemoryLow
    static Limit memoryLow(long bytes) {
        return new MemoryLow(bytes);
    }

    /// @see OomGroup
    static Limit oomGroup(boolean whole) {
        return new OomGroup(whole);
    }

    /// So many processors' time, for instance 1.5, in periods of 100 ms; at least 0.01.
    static Limit cpus(double cpus) {
        if (!(cpus >= 0.01 && cpus <= 1_000_000)) {
            throw new IllegalArgumentException("cpus " + cpus + " are not between 0.01 and 1000000");
        }
        return new CpuQuota(Duration.ofNanos(Math.round(cpus * 100_000) * 1000), Duration.ofMillis(100));
    }

    /// @see CpuQuota
    static Limit cpuQuota(Duration quota, Duration period) {
        return new CpuQuota(quota, period);
    }

    /// @see CpuBurst
    static Limit cpuBurst(Duration burst) {
        return new CpuBurst(burst);
    }

    /// @see CpuWeight
    static Limit cpuWeight(int weight) {
        return new CpuWeight(weight);
    }

    /// @see CpuShares
    static Limit cpuShares(int shares) {
        return new CpuShares(shares);
    }

    /// @see CpuIdle
    static Limit cpuIdle(boolean idle) {
        return new CpuIdle(idle);
    }

    /// @see PidsMax
    static Limit pids(long count) {
        return new PidsMax(count);
    }

    /// @see CpusetCpus
    static Limit cpusetCpus(CpuSet cpus) {
        return new CpusetCpus(cpus);
    }

    /// @see CpusetMems
    static Limit cpusetMems(CpuSet nodes) {
        return new CpusetMems(nodes);
    }

    /// @see IoWeight
    static Limit ioWeight(int weight) {
        return new IoWeight(weight);
    }

    /// @see BlkioWeight
    static Limit blkioWeight(int weight) {
        return new BlkioWeight(weight);
    }

    /// Limits of a disk, to go on with: `Limit.ioMax(disk).writeBps(1 << 20)`.
    static IoMax ioMax(BlockDevice disk) {
        return IoMax.of(disk);
    }

    /// @see HugetlbMax
    static Limit hugetlb(HugePageSize size, long bytes) {
        return new HugetlbMax(size, bytes);
    }

    /// @see Devices
    static Limit devices(List<DeviceRule> allowed) {
        return new Devices(allowed);
    }

    /// @see Unified
    static Limit unified(String file, String value) {
        return new Unified(file, value);
    }
}
