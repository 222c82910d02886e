// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import picocli.CommandLine.Command;

/// `dolium pause`: freezes containers.
@Command(name = "pause", usageHelpAutoWidth = true, description = "Makes all processes of containers stand still.")
final class PauseCommand extends ContainersVerb {
    @Override
    public Integer call() throws IOException, InterruptedException {
        return toEach((container, name) -> {
            switch (container.state()) {
                case RUNNING -> container.pause();
                case PAUSED -> throw new IOException("Container " + container.id() + " is already paused");
                default -> throw new IOException("Container " + container.id() + " is not running");
            }
            return name;
        });
    }
}
