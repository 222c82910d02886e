// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.ToLongFunction;
import org.dolium.cgroup.BlockDevice;
import org.dolium.cgroup.Limit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options about input and output.
final class DiskOptions {
    @Option(
            names = "--blkio-weight",
            paramLabel = "N",
            description = "Share of a disk's time if there is not enough, 10 to 1000")
    private @Nullable Integer blkioWeight;

    @Option(names = "--io-weight", paramLabel = "N", description = "Share of a disk's time, 1 to 10000 (default: 100)")
    private @Nullable Integer ioWeight;

    @Option(names = "--device-read-bps", paramLabel = "DISK:RATE", description = "Bytes read per second, e.g. /dev/sda:1m")
    private List<String> readBps = new ArrayList<>();

    @Option(names = "--device-write-bps", paramLabel = "DISK:RATE", description = "Bytes written per second")
    private List<String> writeBps = new ArrayList<>();

    @Option(names = "--device-read-iops", paramLabel = "DISK:RATE", description = "Reads per second")
    private List<String> readIops = new ArrayList<>();

    @Option(names = "--device-write-iops", paramLabel = "DISK:RATE", description = "Writes per second")
    private List<String> writeIops = new ArrayList<>();

    void addTo(List<Limit> wanted) throws IOException {
        if (blkioWeight != null) {
            wanted.add(Limit.blkioWeight(blkioWeight));
        }
        if (ioWeight != null) {
            wanted.add(Limit.ioWeight(ioWeight));
        }
        Map<BlockDevice, Limit.IoMax> disks = new LinkedHashMap<>();
        add(readBps, OptionText::size, Limit.IoMax::readBps, disks);
        add(writeBps, OptionText::size, Limit.IoMax::writeBps, disks);
        add(readIops, Long::parseLong, Limit.IoMax::readIops, disks);
        add(writeIops, Long::parseLong, Limit.IoMax::writeIops, disks);
        wanted.addAll(disks.values());
    }

    private static void add(
            List<String> values, ToLongFunction<String> number, BiFunction<Limit.IoMax, Long, Limit.IoMax> change,
            Map<BlockDevice, Limit.IoMax> disks) throws IOException {
        for (String value : values) {
            int colon = value.lastIndexOf(':');
            if (colon < 1) {
                throw new IllegalArgumentException("'" + value + "' is not DISK:RATE, as /dev/sda:1m");
            }
            BlockDevice disk = BlockDevice.of(Path.of(value.substring(0, colon))).disk();
            long rate = rate(value, number);
            disks.put(disk, change.apply(disks.getOrDefault(disk, Limit.ioMax(disk)), rate));
        }
    }

    private static long rate(String value, ToLongFunction<String> number) {
        try {
            return number.applyAsLong(value.substring(value.lastIndexOf(':') + 1));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("the rate of '" + value + "' is not a number", e);
        }
    }
}
