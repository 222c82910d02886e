// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import org.dolium.container.ContainerBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `dolium restart`: ends containers and starts them again.
@Command(name = "restart", usageHelpAutoWidth = true, description = "Ends containers as dolium stop does, and starts them as dolium start does.")
final class RestartCommand extends ContainersVerb {
    @Mixin
    private StopOptions options = new StopOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Stopping stopping = options.stopping();
        return toEach((container, name) -> {
            ContainerBuilder again = StoredRun.of(container).builder(); // before it is ended: it must be known
            stopping.stop(container);
            AfterEndCommand.renew(container);
            container.start(again);
            return name;
        });
    }
}
