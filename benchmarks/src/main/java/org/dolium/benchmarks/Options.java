// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the command line asks for.
///
/// @param quick whether few iterations are enough
/// @param only the names of what to measure; all if empty
record Options(boolean quick, Set<String> only) {
    static final Set<String> NAMES = Set.of("start", "start-plain", "idle-host", "rates", "first", "sleepers", "jars");

    /// Null if the words are not understood.
    static @Nullable Options parse(String... args) {
        boolean quick = false;
        Set<String> only = new HashSet<>();
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals("--quick")) {
                quick = true;
            } else if (args[i].equals("--only") && i + 1 < args.length && NAMES.contains(args[i + 1])) {
                only.add(args[++i]);
            } else {
                return null;
            }
        }
        return new Options(quick, only);
    }

    boolean wants(String name) {
        return only.isEmpty() || only.contains(name);
    }
}
