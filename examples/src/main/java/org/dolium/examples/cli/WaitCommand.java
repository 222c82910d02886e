// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import org.dolium.container.DetachedState;
import picocli.CommandLine.Command;

/// `dolium wait`: waits for the end of containers.
@Command(name = "wait", usageHelpAutoWidth = true, description = "Waits until containers have ended, and prints their exit statuses.")
final class WaitCommand extends ContainersVerb {
    @Override
    public Integer call() throws IOException, InterruptedException {
        return toEach((container, name) -> container.state() == DetachedState.CREATED
                ? "0" // as Docker: it does not run
                : Integer.toString(container.waitFor().shellCode()));
    }
}
