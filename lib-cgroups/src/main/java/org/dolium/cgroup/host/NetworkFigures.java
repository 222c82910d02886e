// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;
import org.dolium.cgroup.Stats;
import org.dolium.cgroup.file.Figures;

/// The text of /proc/PID/net/dev as figures; no cgroup counts packets.
public final class NetworkFigures {
    private static final int COLUMNS = 16;
    private static final int SENT = 8;

    private NetworkFigures() {}

    public static List<Stats.Traffic> of(String text) {
        List<Stats.Traffic> interfaces = new ArrayList<>();
        StringTokenizer lines = new StringTokenizer(text, "\n");
        while (lines.hasMoreTokens()) {
            String line = lines.nextToken();
            int colon = line.indexOf(':'); // never in a name
            StringTokenizer words = new StringTokenizer(line.substring(colon + 1), " ");
            if (colon > 0 && words.countTokens() == COLUMNS) {
                interfaces.add(traffic(line.substring(0, colon).trim(), words));
            }
        }
        return interfaces;
    }

    private static Stats.Traffic traffic(String name, StringTokenizer words) {
        long[] n = new long[COLUMNS];
        for (int i = 0; i < COLUMNS; i++) {
            n[i] = Math.max(0, Figures.number(words.nextToken()));
        }
        return new Stats.Traffic(
                name, n[0], n[1], n[2], n[3], n[SENT], n[SENT + 1], n[SENT + 2], n[SENT + 3]);
    }
}
