// SPDX-License-Identifier: Apache-2.0
package org.dolium.sandbox;

/// How a detached container is watched: what the planner has to know of the monitor that outlives the JVM.
///
/// @param passed how many descriptors the container's own plan gets, from 4 on; those of the monitor come after them
/// @param intoCgroup whether the container is born into a directory of cgroup v2
/// @param terminal whether the container's output is that of the terminal that it allocates
/// @param logBytes the length from which on the log is continued in a new file, or 0 for never
/// @param logFiles how many files the log has at most: `log`, `log.1`, and so on
public record Monitoring(int passed, boolean intoCgroup, boolean terminal, long logBytes, int logFiles) {
    private static final int MOST_FILES = 100;

    public Monitoring {
        if (passed < 0) {
            throw new IllegalArgumentException("the number of descriptors is negative: " + passed);
        }
        if (logBytes < 0) {
            throw new IllegalArgumentException("the length of the log is negative: " + logBytes);
        }
        if (logFiles < 1 || logFiles > MOST_FILES) {
            throw new IllegalArgumentException("a log has from 1 to " + MOST_FILES + " files, not " + logFiles);
        }
    }
}
