// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.v2;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.StringTokenizer;
import org.dolium.cgroup.Stats;
import org.dolium.cgroup.file.Figures;
import org.jspecify.annotations.Nullable;

/// What cgroup v2 tells about block devices: a line `8:0 rbytes=… wbytes=… rios=… wios=… dbytes=… dios=…` for each. Those
/// of devices that were not used may lack the figures.
final class IoFigures {
    private IoFigures() {}

    static List<Stats.DeviceIo> of(@Nullable String stat) {
        List<Stats.DeviceIo> devices = new ArrayList<>();
        StringTokenizer lines = new StringTokenizer(stat == null ? "" : stat, "\n");
        while (lines.hasMoreTokens()) {
            String line = lines.nextToken();
            StringTokenizer words = new StringTokenizer(line, " ");
            if (words.countTokens() > 1) {
                devices.add(new Stats.DeviceIo(
                        words.nextToken(), value(line, "rbytes"), value(line, "wbytes"), value(line, "rios"),
                        value(line, "wios")));
            }
        }
        return devices;
    }

    private static OptionalLong value(String line, String key) {
        StringTokenizer words = new StringTokenizer(line, " ");
        while (words.hasMoreTokens()) {
            String word = words.nextToken();
            if (word.startsWith(key) && word.startsWith("=", key.length())) {
                return Figures.optional(word.substring(key.length() + 1));
            }
        }
        return OptionalLong.empty();
    }
}
