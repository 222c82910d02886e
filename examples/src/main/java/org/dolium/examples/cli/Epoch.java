// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// The time that builds pretend to be made at, if they should be reproducible; see reproducible-builds.org.
final class Epoch {
    private static final String VARIABLE = "SOURCE_DATE_EPOCH";

    private Epoch() {}

    /// What the environment says, or null.
    static @Nullable Instant time() {
        String seconds = System.getenv(VARIABLE);
        if (seconds == null || seconds.isEmpty()) {
            return null;
        }
        if (!seconds.matches("[0-9]{1,12}")) {
            throw new IllegalArgumentException(VARIABLE + " '" + seconds + "' is no number of seconds");
        }
        return Instant.ofEpochSecond(Long.parseLong(seconds));
    }
}
