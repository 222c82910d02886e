// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.v1;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.StringTokenizer;
import org.dolium.cgroup.Stats;
import org.dolium.cgroup.file.Figures;
import org.jspecify.annotations.Nullable;

/// What the blkio controller of cgroup v1 tells about block devices: lines `8:0 Read 4096`, and a last one of all.
final class IoFigures {
    static final String BYTES = "blkio.throttle.io_service_bytes_recursive";
    static final String OPERATIONS = "blkio.throttle.io_serviced_recursive";

    private IoFigures() {}

    static List<Stats.DeviceIo> of(Map<String, String> files) {
        String bytes = files.get(BYTES);
        String operations = files.get(OPERATIONS);
        List<Stats.DeviceIo> devices = new ArrayList<>();
        StringTokenizer lines = new StringTokenizer(bytes == null ? "" : bytes, "\n");
        while (lines.hasMoreTokens()) {
            String line = lines.nextToken();
            int end = line.indexOf(" Read ");
            if (end > 0) {
                String device = line.substring(0, end);
                devices.add(new Stats.DeviceIo(
                        device, value(bytes, device, " Read"), value(bytes, device, " Write"),
                        value(operations, device, " Read"), value(operations, device, " Write")));
            }
        }
        return devices;
    }

    private static OptionalLong value(@Nullable String text, String device, String kind) {
        return Figures.field(text, device + kind, 1);
    }
}
