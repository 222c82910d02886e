// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `dolium stop`: ends containers.
@Command(name = "stop", usageHelpAutoWidth = true, description = "Asks commands to end, by the stop signals of their containers, and kills what has not ended in time.")
final class StopCommand extends ContainersVerb {
    @Mixin
    private StopOptions options = new StopOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Stopping stopping = options.stopping();
        return toEach((container, name) -> {
            stopping.stop(container);
            return name;
        });
    }
}
