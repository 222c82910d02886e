// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the command line knows of a container at one moment.
///
/// @param image as the user called it, or empty for the host's root file system
/// @param imageId the digest of the image's configuration, or empty
/// @param command the command and its arguments
/// @param started when it ran last, or null if it never did
/// @param finished when it ended last, or null if it runs or never ran
/// @param exitCode what a shell reports; 0 before the end
/// @param outOfMemory whether it ended for want of memory
/// @param pid of its first process, or 0
record ContainerView(
        String id, String name, String image, String imageId, List<String> command, Map<String, String> labels,
        Instant created, @Nullable Instant started, @Nullable Instant finished, State state, int exitCode, boolean outOfMemory,
        long pid) {
    private static final int SHORT = 12;

    /// In Docker's words.
    enum State {
        CREATED,
        RUNNING,
        PAUSED,
        EXITED,
        RESTARTING,
        DEAD;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    String shortId() {
        return id.substring(0, Math.min(SHORT, id.length()));
    }

    boolean isUp() {
        return state == State.RUNNING || state == State.PAUSED;
    }
}
