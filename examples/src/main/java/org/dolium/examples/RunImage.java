// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.dolium.container.Container;
import org.dolium.container.Result;
import org.dolium.oci.Image;
import org.dolium.oci.Images;

/// Runs programs of an image: the first time it is pulled from its registry, then it is in the store.
public final class RunImage {
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final Duration GRACE = Duration.ofSeconds(10);

    private RunImage() {}

    /// Runs a command to its end and gives its output.
    static String output(Path store, String name, String... command) throws IOException, InterruptedException {
        // README:start image
        try (Images images = Images.open(store); Image image = images.getOrPull(name)) {
            Result result = image.newContainer().command(command).run(LIMIT);
            return result.stdout();
        }
        // README:end
    }

    /// Starts what the image was made for and stops it by the signal that the image asks for.
    static String service(Image image) throws IOException, InterruptedException {
        // README:start service
        try (Container container = image.newContainer().env("MODE", "test").start()) {
            String first = container.process().inputReader().readLine();
            return first + ", ports " + container.exposedPorts() + ", " + container.stop(GRACE);
        }
        // README:end
    }

    /// @param args the directory of the store, the name of the image, and a command
    public static void main(String[] args) throws IOException, InterruptedException {
        System.out.print(output(Path.of(args[0]), args[1], Arrays.copyOfRange(args, 2, args.length)));
    }
}
