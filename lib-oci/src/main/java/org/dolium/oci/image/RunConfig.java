// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.image;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How an image is run, if nobody says otherwise. The last four are Docker's and not the specification's.
///
/// @param user the user, and perhaps a group, by name or number
/// @param exposedPorts such as `80/tcp`
/// @param env such as `PATH=/bin`
/// @param entrypoint the first words of the command
/// @param cmd the rest of the command
/// @param volumes directories that should outlive the container
/// @param workingDirectory where the command is run
/// @param labels remarks, without an effect
/// @param stopSignal what stops the command, such as `SIGTERM`
/// @param argsEscaped only for Windows
/// @param healthcheck how to see that it works
/// @param onBuild what is to be done in builds that begin with it
/// @param shell what runs commands that are not lists of words
/// @param more other members, as JSON
public record RunConfig(
        @Nullable String user,
        Set<String> exposedPorts,
        List<String> env,
        List<String> entrypoint,
        List<String> cmd,
        Set<String> volumes,
        @Nullable String workingDirectory,
        Map<String, String> labels,
        @Nullable String stopSignal,
        boolean argsEscaped,
        @Nullable Healthcheck healthcheck,
        List<String> onBuild,
        List<String> shell,
        Map<String, String> more) {
    /// Nothing said.
    public static final RunConfig EMPTY = new RunConfig(
            null, Set.of(), List.of(), List.of(), List.of(), Set.of(), null, Map.of(), null, false, null, List.of(), List.of(),
            Map.of());

    public RunConfig {
        exposedPorts = Collections.unmodifiableSet(new LinkedHashSet<>(exposedPorts));
        env = List.copyOf(env);
        entrypoint = List.copyOf(entrypoint);
        cmd = List.copyOf(cmd);
        volumes = Collections.unmodifiableSet(new LinkedHashSet<>(volumes));
        labels = Ordered.copyOf(labels);
        onBuild = List.copyOf(onBuild);
        shell = List.copyOf(shell);
        more = Ordered.copyOf(more);
    }

    /// How to see that a container works.
    ///
    /// @param test `NONE`, or `CMD` or `CMD-SHELL` and a command; empty for that of the image below
    /// @param interval nanoseconds between two tests; 0 for the usual
    /// @param timeout nanoseconds that a test may last; 0 for the usual
    /// @param startPeriod nanoseconds in which failures don't count; 0 for the usual
    /// @param startInterval nanoseconds between two tests in that period; 0 for the usual
    /// @param retries failures in a row until it counts as broken; 0 for the usual
    /// @param more other members, as JSON
    public record Healthcheck(
            List<String> test,
            long interval,
            long timeout,
            long startPeriod,
            long startInterval,
            long retries,
            Map<String, String> more) {
        public Healthcheck {
            test = List.copyOf(test);
            more = Ordered.copyOf(more);
        }
    }
}
