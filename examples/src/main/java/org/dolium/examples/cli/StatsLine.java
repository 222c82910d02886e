// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.dolium.cgroup.Stats;
import org.jspecify.annotations.Nullable;

/// What `dolium stats` says about one container.
///
/// @param before the last figures, for what is counted, or null
/// @param now the figures, or null if it does not run or has none
/// @param machine how much memory this machine has
record StatsLine(ContainerView container, @Nullable Stats before, @Nullable Stats now, long machine, boolean whole)
        implements ListFormat.Row {
    /// The values, with the headings of their columns.
    static final Map<String, String> KEYS = keys();

    static final String TABLE =
            "table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}";
    private static final String NOTHING = "--";

    private static Map<String, String> keys() {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("BlockIO", "BLOCK I/O");
        keys.put("CPUPerc", "CPU %");
        keys.put("Container", "CONTAINER");
        keys.put("ID", "CONTAINER ID");
        keys.put("MemPerc", "MEM %");
        keys.put("MemUsage", "MEM USAGE / LIMIT");
        keys.put("Name", "NAME");
        keys.put("NetIO", "NET I/O");
        keys.put("PIDs", "PIDS");
        return keys;
    }

    @Override
    public String value(String key) {
        return switch (key) {
            case "BlockIO" -> pair(disks(Stats.DeviceIo::readBytes), disks(Stats.DeviceIo::writtenBytes));
            case "CPUPerc" -> percent(cpu());
            case "Container", "ID" -> whole ? container.id() : container.shortId();
            case "MemPerc" -> percent(memory());
            case "MemUsage" -> used().isEmpty() ? NOTHING + " / " + NOTHING
                    : HumanText.binarySize(used().getAsLong()) + " / " + HumanText.binarySize(limit());
            case "Name" -> container.name();
            case "NetIO" -> pair(network(Stats.Traffic::receivedBytes), network(Stats.Traffic::sentBytes));
            default -> now == null || now.pids().current().isEmpty() ? NOTHING : Long.toString(now.pids().current().getAsLong());
        };
    }

    /// Of one processor: with two, up to 200.
    private OptionalDouble cpu() {
        if (now == null || now.cpu().totalNanos().isEmpty()) {
            return OptionalDouble.empty();
        }
        if (before == null || before.cpu().totalNanos().isEmpty()) {
            return OptionalDouble.of(0);
        }
        double passed = Duration.between(before.at(), now.at()).toNanos();
        double used = now.cpu().totalNanos().getAsLong() - before.cpu().totalNanos().getAsLong();
        return OptionalDouble.of(passed <= 0 || used < 0 ? 0 : 100 * used / passed);
    }

    /// As Docker counts it: without the page cache that can be taken back.
    private OptionalLong used() {
        return now == null ? OptionalLong.empty()
                : now.memory().workingSetBytes().isPresent() ? now.memory().workingSetBytes() : now.memory().currentBytes();
    }

    private long limit() {
        return now == null ? machine : Math.min(machine, now.memory().limitBytes().orElse(machine));
    }

    private OptionalDouble memory() {
        return used().isEmpty() || limit() <= 0 ? OptionalDouble.empty() : OptionalDouble.of(100.0 * used().getAsLong() / limit());
    }

    private OptionalLong disks(Function<Stats.DeviceIo, OptionalLong> figure) {
        if (now == null || now.io().isEmpty()) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(now.io().stream().mapToLong(disk -> figure.apply(disk).orElse(0)).sum());
    }

    private OptionalLong network(ToLongFunction<Stats.Traffic> figure) {
        List<Stats.Traffic> all = now == null ? List.of() : now.network();
        return all.isEmpty() ? OptionalLong.empty()
                : OptionalLong.of(all.stream().filter(one -> !one.name().equals("lo")).mapToLong(figure).sum());
    }

    private static String pair(OptionalLong in, OptionalLong out) {
        return size(in) + " / " + size(out);
    }

    private static String size(OptionalLong bytes) {
        return bytes.isEmpty() ? NOTHING : HumanText.size(bytes.getAsLong());
    }

    private static String percent(OptionalDouble value) {
        return value.isEmpty() ? NOTHING : String.format(Locale.ROOT, "%.2f%%", value.getAsDouble());
    }
}
