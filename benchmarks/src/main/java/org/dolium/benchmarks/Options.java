// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the command line asks for.
///
/// @param quick whether few iterations are enough
/// @param patience how long to wait for a quiet machine, and to repeat what was disturbed, in all
/// @param only the names of what to measure; all if empty
record Options(boolean quick, Duration patience, Set<String> only) {
    private static final int SECONDS = 60;

    static final List<String> NAMES =
            List.of("start", "start-plain", "idle-host", "limits", "exec", "rates", "first", "sleepers", "usage", "streams", "image", "unpack", "jars");

    /// Null if the words are not understood.
    static @Nullable Options parse(String... args) {
        boolean quick = false;
        Duration patience = Duration.ofSeconds(SECONDS);
        Set<String> only = new HashSet<>();
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals("--quick")) {
                quick = true;
            } else if (args[i].equals("--only") && i + 1 < args.length && NAMES.contains(args[i + 1])) {
                only.add(args[++i]);
            } else if (args[i].equals("--patience") && i + 1 < args.length && args[i + 1].matches("[0-9]{1,5}")) {
                patience = Duration.ofSeconds(Integer.parseInt(args[++i]));
            } else {
                return null;
            }
        }
        return new Options(quick, patience, only);
    }

    boolean wants(String name) {
        return only.isEmpty() || only.contains(name);
    }
}
