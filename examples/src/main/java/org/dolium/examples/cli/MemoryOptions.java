// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.HugePageSize;
import org.dolium.cgroup.Limit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options about memory.
final class MemoryOptions {
    @Option(names = {"-m", "--memory"}, paramLabel = "SIZE", description = "Memory, e.g. 64m; then no swap")
    private @Nullable String memory;

    @Option(
            names = "--memory-swap",
            paramLabel = "SIZE",
            description = "Memory and swap together (default: that of --memory), or -1")
    private @Nullable String memorySwap;

    @Option(names = "--memory-reservation", paramLabel = "SIZE", description = "Memory that is reclaimed last")
    private @Nullable String memoryReservation;

    @Option(names = "--memory-high", paramLabel = "SIZE", description = "Memory beyond which processes are slowed down")
    private @Nullable String memoryHigh;

    @Option(names = "--oom-group", description = "Without memory, kill the whole container at once")
    private boolean oomGroup;

    @Option(names = "--hugetlb", paramLabel = "PAGE=SIZE", description = "Memory in huge pages, e.g. 2MB=64m")
    private List<String> hugetlb = new ArrayList<>();

    @Option(names = "--memory-swappiness", hidden = true)
    private @Nullable String swappiness;

    @Option(names = "--oom-kill-disable", hidden = true)
    private boolean oomKillDisable;

    void addTo(List<Limit> wanted) {
        if (swappiness != null) {
            throw new IllegalArgumentException(
                    "there is no --memory-swappiness: cgroup v2 has none; --memory-swap says how much may be swapped out");
        }
        if (oomKillDisable) {
            throw new IllegalArgumentException(
                    "there is no --oom-kill-disable: cgroup v2 has none, and a container could hang for ever");
        }
        if (memory != null) {
            wanted.add(Limit.memoryMax(OptionText.size(memory)));
        }
        if (memorySwap != null) {
            wanted.add(Limit.swapMax(swap(memorySwap)));
        }
        if (memoryReservation != null) {
            wanted.add(Limit.memoryLow(OptionText.size(memoryReservation)));
        }
        if (memoryHigh != null) {
            wanted.add(Limit.memoryHigh(OptionText.size(memoryHigh)));
        }
        if (oomGroup) {
            wanted.add(Limit.oomGroup(true));
        }
        for (String pages : hugetlb) {
            String[] parts = OptionText.pair("--hugetlb", pages, "PAGE=SIZE");
            wanted.add(Limit.hugetlb(HugePageSize.parse(parts[0]), OptionText.size(parts[1])));
        }
    }

    private long swap(String sum) {
        if (memory == null) {
            throw new IllegalArgumentException("--memory-swap is the sum of memory and swap, so it needs --memory");
        }
        if (sum.equals("-1")) {
            return Limit.UNLIMITED;
        }
        long swap = OptionText.size(sum) - OptionText.size(memory);
        if (swap < 0) {
            throw new IllegalArgumentException("--memory-swap " + sum + " is less than --memory " + memory
                    + ": it is the sum of memory and swap");
        }
        return swap;
    }
}
