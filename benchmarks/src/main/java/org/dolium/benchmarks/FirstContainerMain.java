// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.Result;
import org.dolium.container.Rootfs;

/// A JVM that runs one container and ends.
final class FirstContainerMain {
    private FirstContainerMain() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        Result result = ContainerBuilder.create()
                .rootfs(Rootfs.directory(Path.of(args[0])))
                .command("/bin/true")
                .run();
        if (result.status().shellCode() != 0) { // System.exit would load the classes of the logger
            throw new IOException("/bin/true ended with " + result.status());
        }
    }
}
