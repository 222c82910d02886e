// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pull;

import java.nio.file.Path;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Platform;
import org.dolium.oci.registry.RegistryClient;
import org.dolium.oci.store.ImageStore;

/// Pulls an image into a store, in a JVM that a test may kill.
public final class PullMain {
    private PullMain() {}

    /// @param arguments the store's directory and the image's name
    public static void main(String... arguments) throws Exception {
        ImageReference name = ImageReference.parse(arguments[1]);
        try (RegistryClient client = RegistryClient.builder().build();
                ImageStore store = ImageStore.open(Path.of(arguments[0]));
                ImagePull pull = ImagePull.from(client.repository(name), store).as(name).platform(Platform.parse("linux/amd64")).build()) {
            System.out.println("begins");
            pull.run(name.version());
            System.out.println("done");
        }
    }
}
