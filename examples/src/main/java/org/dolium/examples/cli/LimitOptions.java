// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.CpuSet;
import org.dolium.cgroup.DeviceRule;
import org.dolium.cgroup.Limit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/// The options about what a container may use up.
final class LimitOptions {
    @ArgGroup(validate = false)
    private MemoryOptions memory = new MemoryOptions();

    @ArgGroup(validate = false)
    private DiskOptions disks = new DiskOptions();

    @Option(names = "--cpus", paramLabel = "N", description = "Processor time of so many processors, e.g. 1.5")
    private @Nullable Double cpus;

    @Option(names = "--cpu-period", paramLabel = "USEC", description = "Period of --cpu-quota (default: 100000)")
    private @Nullable Long cpuPeriod;

    @Option(names = "--cpu-quota", paramLabel = "USEC", description = "Processor time in each period, or -1")
    private @Nullable Long cpuQuota;

    @Option(names = "--cpu-burst", paramLabel = "USEC", description = "Unused quota that may be saved up")
    private @Nullable Long cpuBurst;

    @Option(
            names = {"-c", "--cpu-shares"},
            paramLabel = "N",
            description = "Share of processor time if there is not enough, 2 to 262144 (default: 1024)")
    private @Nullable Integer cpuShares;

    @Option(names = "--cpu-weight", paramLabel = "N", description = "Share of processor time, 1 to 10000 (default: 100)")
    private @Nullable Integer cpuWeight;

    @Option(names = "--cpu-idle", description = "Only processor time that nobody else wants")
    private boolean cpuIdle;

    @Option(names = "--cpuset-cpus", paramLabel = "LIST", description = "Processors to run on, e.g. 0-3,5")
    private @Nullable String cpusetCpus;

    @Option(names = "--cpuset-mems", paramLabel = "LIST", description = "Memory nodes to get memory of, e.g. 0")
    private @Nullable String cpusetMems;

    @Option(names = "--pids-limit", paramLabel = "N", description = "Processes and threads (default: 4096), or -1")
    private @Nullable Long pidsLimit;

    @Option(
            names = "--device-cgroup-rule",
            paramLabel = "RULE",
            description = "Only the standard devices may be opened, and these, e.g. \"c 10:229 rwm\"")
    private List<String> deviceRules = new ArrayList<>();

    @Option(
            names = "--cgroup-conf",
            paramLabel = "FILE=VALUE",
            description = "Value for a file of cgroup v2, e.g. memory.min=16777216")
    private List<String> cgroupConf = new ArrayList<>();

    /// The limits that are asked for.
    List<Limit> wanted() throws IOException {
        List<Limit> wanted = new ArrayList<>();
        memory.addTo(wanted);
        addCpu(wanted);
        disks.addTo(wanted);
        addRest(wanted);
        return wanted;
    }

    private void addCpu(List<Limit> wanted) {
        if (cpus != null && (cpuPeriod != null || cpuQuota != null)) {
            throw new IllegalArgumentException("--cpus can't be used with --cpu-period or --cpu-quota: it sets both");
        }
        if (cpus != null) {
            wanted.add(Limit.cpus(cpus));
        }
        if (cpuPeriod != null || cpuQuota != null) {
            Duration quota = cpuQuota == null || cpuQuota == -1 ? Limit.CpuQuota.NO_QUOTA : micros(cpuQuota);
            wanted.add(Limit.cpuQuota(quota, cpuPeriod == null ? Duration.ofMillis(100) : micros(cpuPeriod)));
        }
        if (cpuBurst != null) {
            wanted.add(Limit.cpuBurst(micros(cpuBurst)));
        }
        if (cpuShares != null) {
            wanted.add(Limit.cpuShares(cpuShares));
        }
        if (cpuWeight != null) {
            wanted.add(Limit.cpuWeight(cpuWeight));
        }
        if (cpuIdle) {
            wanted.add(Limit.cpuIdle(true));
        }
    }

    private static Duration micros(long count) {
        return Duration.of(count, ChronoUnit.MICROS);
    }

    private void addRest(List<Limit> wanted) {
        if (cpusetCpus != null) {
            wanted.add(Limit.cpusetCpus(CpuSet.parse(cpusetCpus)));
        }
        if (cpusetMems != null) {
            wanted.add(Limit.cpusetMems(CpuSet.parse(cpusetMems)));
        }
        if (pidsLimit != null) {
            wanted.add(Limit.pids(pidsLimit == -1 || pidsLimit == 0 ? Limit.UNLIMITED : pidsLimit));
        }
        if (!deviceRules.isEmpty()) {
            List<DeviceRule> allowed = new ArrayList<>(DeviceRule.standard());
            deviceRules.forEach(rule -> allowed.add(DeviceRule.parse(rule)));
            wanted.add(Limit.devices(allowed));
        }
        for (String conf : cgroupConf) {
            String[] parts = OptionText.pair("--cgroup-conf", conf, "FILE=VALUE");
            wanted.add(Limit.unified(parts[0], parts[1]));
        }
    }
}
