// SPDX-License-Identifier: Apache-2.0
package org.dolium.sandbox;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a parked process waits for, and what it executes then; see [FollowUpPlanner].
///
/// @param delay how long it waits before all else
/// @param watches whether it waits for the end of a monitor, whose pidfd is the first descriptor that it is passed
/// @param limit how long a container may run until it is killed by its pidfd, the second descriptor, or null for no limit
/// @param pause how long it waits when the monitor has ended
/// @param command the path of the program and its arguments
/// @param environment `NAME=value` each
public record FollowUp(
        Duration delay, boolean watches, @Nullable Duration limit, Duration pause, List<byte[]> command, List<byte[]> environment) {
    public FollowUp {
        command = List.copyOf(command);
        environment = List.copyOf(environment);
        if (command.isEmpty() || command.getFirst().length == 0 || command.getFirst()[0] != '/') {
            throw new IllegalArgumentException("a command that follows is an absolute path and arguments");
        }
        if (delay.isNegative() || pause.isNegative() || limit != null && !limit.isPositive()) {
            throw new IllegalArgumentException("a time to wait is not negative, and a limit is more than nothing");
        }
        if (limit != null && !watches) {
            throw new IllegalArgumentException("only a container that runs has a limit");
        }
    }
}
