// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import java.io.IOException;
import java.time.Duration;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.Result;
import org.dolium.container.Rootfs;

/// The smallest use: run a command in a container and read what it printed.
public final class Hello {
    private Hello() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        // README:start hello
        Result result = ContainerBuilder.create()
                .rootfs(Rootfs.host())
                .command("sh", "-c", "echo hello from $(hostname), process $$")
                .run(Duration.ofSeconds(10));
        System.out.print(result.stdout());
        // README:end
    }
}
