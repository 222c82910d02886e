// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci;

import java.nio.file.Path;
import org.dolium.container.Result;

/// Runs a container of an image: its configuration, then its layers.
final class ImageMain {
    private ImageMain() {}

    public static void main(String[] args) throws Exception {
        Path[] layers = new Path[args.length - 1];
        for (int i = 1; i < args.length; i++) {
            layers[i - 1] = Path.of(args[i]);
        }
        Result result = Configs.container(args[0], layers).run();
        System.out.print(result.stdout() + result.stderr());
        System.exit(result.status().shellCode());
    }
}
