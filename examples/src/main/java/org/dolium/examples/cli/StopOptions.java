// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How containers are asked to end, and how long they may take.
final class StopOptions {
    @Option(names = {"-s", "--signal"}, paramLabel = "SIGNAL", description = "Send this first (default: the stop signal of the container)")
    private @Nullable String signal;

    @Option(names = {"-t", "--timeout", "--time"}, paramLabel = "SECONDS",
            description = "How long the command may take before it is killed; -1 for no limit (default: --stop-timeout of the container, or 10)")
    private @Nullable Integer timeout;

    Stopping stopping() {
        return new Stopping(signal, timeout);
    }
}
