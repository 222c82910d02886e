// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.v2;

import java.util.Map;
import java.util.Optional;
import java.util.StringTokenizer;
import org.dolium.cgroup.Stats;
import org.dolium.cgroup.file.Figures;
import org.jspecify.annotations.Nullable;

/// Pressure stall information: lines `some avg10=0.00 avg60=0.00 avg300=0.00 total=0`, the total in microseconds.
public final class PressureFigures {
    /// The files, also in a v2 hierarchy beside those of v1.
    public static final String[] FILES = {"cpu.pressure", "memory.pressure", "io.pressure"};

    private static final long NANOS = 1000;

    private PressureFigures() {}

    public static Stats.Pressures of(Map<String, String> files) {
        return new Stats.Pressures(
                pressure(files.get(FILES[0])), pressure(files.get(FILES[1])), pressure(files.get(FILES[2])));
    }

    private static Optional<Stats.Pressure> pressure(@Nullable String text) {
        Optional<Stats.Stall> some = stall(text, "some ");
        return some.isEmpty()
                ? Optional.empty()
                : Optional.of(new Stats.Pressure(some.get(), stall(text, "full ")));
    }

    private static Optional<Stats.Stall> stall(@Nullable String text, String kind) {
        StringTokenizer lines = new StringTokenizer(text == null ? "" : text, "\n");
        while (lines.hasMoreTokens()) {
            String line = lines.nextToken();
            long total = total(line);
            if (line.startsWith(kind) && total >= 0) {
                return Optional.of(new Stats.Stall(
                        percent(line, " avg10="), percent(line, " avg60="), percent(line, " avg300="), total));
            }
        }
        return Optional.empty();
    }

    private static long total(String line) {
        return Figures.times(Figures.number(word(line, " total=")), NANOS).orElse(-1);
    }

    /// The kernel writes two digits after the point.
    private static double percent(String line, String key) {
        String word = word(line, key);
        int point = word.indexOf('.');
        long whole = point < 0 ? -1 : Figures.number(word.substring(0, point));
        long hundredths = point < 0 ? -1 : Figures.number(word.substring(point + 1));
        return whole < 0 || hundredths < 0 ? Double.NaN : whole + hundredths / 100.0;
    }

    private static String word(String line, String key) {
        int start = line.indexOf(key);
        if (start < 0) {
            return "";
        }
        int end = line.indexOf(' ', start + 1);
        return line.substring(start + key.length(), end < 0 ? line.length() : end);
    }
}
