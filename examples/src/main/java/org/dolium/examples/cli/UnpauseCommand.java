// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import org.dolium.container.DetachedState;
import picocli.CommandLine.Command;

/// `dolium unpause`: lets containers go on.
@Command(name = "unpause", usageHelpAutoWidth = true, description = "Lets containers that were paused go on.")
final class UnpauseCommand extends ContainersVerb {
    @Override
    public Integer call() throws IOException, InterruptedException {
        return toEach((container, name) -> {
            if (container.state() != DetachedState.PAUSED) {
                throw new IOException("Container " + container.id() + " is not paused");
            }
            container.resume();
            return name;
        });
    }
}
