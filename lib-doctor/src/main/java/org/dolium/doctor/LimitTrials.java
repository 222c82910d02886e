// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.dolium.cgroup.BlockDevice;
import org.dolium.cgroup.CgroupPlacement;
import org.dolium.cgroup.CpuSet;
import org.dolium.cgroup.DeviceRule;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.host.CgroupChoice;
import org.dolium.cgroup.host.Cgroups;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.Result;
import org.dolium.host.Host;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.UnsupportedHostException;
import org.dolium.remedy.HostFiles;

/// Starts whole containers: the default one, and it once more with each limit, which must be in force then.
final class LimitTrials {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final long BYTES = 64L << 20;
    private static final long PROCESSES = 64;
    private static final long RATE = 1L << 30;

    private LimitTrials() {}

    static void addTo(Map<Probe, Outcome> outcomes, HostFiles files) throws InterruptedException {
        outcomes.put(Probe.MEMORY_LIMIT, run(limited(Limit.memoryMax(BYTES)).limit(Limit.swapMax(Limit.UNLIMITED))));
        outcomes.put(Probe.SWAP_LIMIT, run(limited(Limit.memoryMax(BYTES)).limit(Limit.swapMax(0))));
        outcomes.put(Probe.CPU_LIMIT, run(limited(Limit.cpus(1))));
        outcomes.put(Probe.PIDS_LIMIT, run(limited(Limit.pids(PROCESSES))));
        outcomes.put(Probe.DEVICE_LIST, run(limited(Limit.devices(DeviceRule.standard()))));
        outcomes.put(Probe.CPUSET_LIMIT, cpuset(files.status("Cpus_allowed_list")));
        outcomes.put(Probe.DISK_LIMIT, disk());
    }

    /// The processors that the JVM has anyway.
    private static Outcome cpuset(String allowed) throws InterruptedException {
        try {
            return run(limited(Limit.cpusetCpus(CpuSet.parse(allowed))));
        } catch (IllegalArgumentException e) {
            return new Outcome.Failed(message(e));
        }
    }

    private static Outcome disk() throws InterruptedException {
        BlockDevice disk;
        try {
            disk = BlockDevice.of(Path.of("/")).disk();
        } catch (IOException e) {
            return new Outcome.Failed("not tried: " + message(e));
        }
        return run(limited(Limit.ioMax(disk).writeBps(RATE)));
    }

    private static ContainerBuilder limited(Limit limit) {
        return ContainerBuilder.create().limit(limit);
    }

    /// Where this JVM makes cgroups.
    static CgroupChoice choice(Host host) {
        try {
            return Cgroups.at(CgroupPlacement.automatic(), host).choice();
        } catch (IOException | RuntimeException e) {
            return new CgroupChoice.Nothing(message(e), "");
        }
    }

    /// What `dolium run true` does. On a host without true(1) everything before it works all the same; a host that allows
    /// no more threads says so with an OutOfMemoryError.
    static Outcome run(ContainerBuilder container) throws InterruptedException {
        try {
            Result result = container.command("true").run(LIMIT);
            return result.status().success()
                    ? Outcome.WORKS
                    : new Outcome.Failed("the command 'true' " + result.status());
        } catch (ErrnoException e) {
            boolean noSuchCommand = e.call().startsWith("execve(") && e.errno().equals(Errno.ENOENT);
            return noSuchCommand ? Outcome.WORKS : new Outcome.Refused(e.call(), e.errno());
        } catch (UnsupportedHostException e) {
            return new Outcome.Unsupported(withoutHint(message(e)), e.remedy());
        } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError e) {
            return new Outcome.Failed(message(e));
        }
    }

    private static String withoutHint(String message) {
        int hint = message.indexOf("\n  hint: ");
        return hint < 0 ? message : message.substring(0, hint);
    }

    static String message(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.toString() : message;
    }
}
