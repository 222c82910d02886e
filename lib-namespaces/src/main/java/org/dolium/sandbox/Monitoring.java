// SPDX-License-Identifier: Apache-2.0
package org.dolium.sandbox;

import org.dolium.plan.Step;

/// What the monitor of a detached container has to know of its launch.
///
/// @param passed how many descriptors the launch passes to the container; those of the monitor come after them
/// @param namespaces the `CLONE_NEW*` flags of the container
/// @param intoCgroup whether it is born into a directory of cgroup v2
/// @param logBytes the length from which on the log is continued in a new file, or 0 for never
/// @param logFiles how many files the log has at most: `log`, `log.1`, and so on
/// @param input what the container reads
/// @param kept how many further descriptors the monitor keeps open; see [Step.Monitor]
/// @param counts how many of these it reads at the end
/// @param logged how long the log is already
public record Monitoring(
        int passed, long namespaces, boolean intoCgroup, long logBytes, int logFiles, Step.Monitor.Input input, int kept, int counts,
        long logged) {
    private static final int MOST_FILES = 100;

    /// One of a container without input, that keeps nothing else open.
    public Monitoring(int passed, long namespaces, boolean intoCgroup, long logBytes, int logFiles) {
        this(passed, namespaces, intoCgroup, logBytes, logFiles, Step.Monitor.Input.NONE, 0, 0, 0);
    }

    public Monitoring {
        if (counts < 0 || counts > 0 && counts >= kept) {
            throw new IllegalArgumentException(counts + " files and one to write to are not among " + kept);
        }
        if (passed < 0 || kept < 0) {
            throw new IllegalArgumentException("the number of descriptors is negative: " + passed);
        }
        if (logBytes < 0 || logged < 0) {
            throw new IllegalArgumentException("the length of the log is negative: " + Math.min(logBytes, logged));
        }
        if (logFiles < 1 || logFiles > MOST_FILES) {
            throw new IllegalArgumentException("a log has from 1 to " + MOST_FILES + " files, not " + logFiles);
        }
    }
}
