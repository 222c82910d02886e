// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.dolium.oci.blob.ImageCopy;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.registry.DockerConfig;
import org.dolium.oci.registry.RegistryClient;
import org.dolium.oci.registry.Repository;
import org.dolium.oci.store.ImageStore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium push`: uploads an image to a registry.
@Command(name = "push", usageHelpAutoWidth = true, description = "Uploads an image to the registry that its name says.")
final class PushCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Option(names = "--all-platforms", description = "All images of an index, and not only the one for this machine")
    private boolean all;

    @Option(names = "--config", paramLabel = "FILE", description = "Docker's config.json with passwords for registries (default: none)")
    private @Nullable Path config;

    @Option(names = "--plain-http", description = "The registry has no TLS; always so for this machine's own")
    private boolean plain;

    @Parameters(paramLabel = "NAME", description = "The image, by a name that says where")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String name;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        ImageReference reference = ImageReference.parse(name).withDefaultTag();
        RegistryClient.Builder builder = RegistryClient.builder();
        if (config != null) {
            builder.credentials(DockerConfig.read(config, List.of()));
        }
        if (plain) {
            builder.withoutTls(reference.registry());
        }
        try (ImageStore images = store.open();
                RegistryClient client = builder.build();
                Repository repository = client.repository(reference)) {
            LocalImage image = LocalImage.find(images, name);
            if (image.name() == null) {
                throw new IOException("an image is pushed by its name: '" + name + "' is none; use dolium tag");
            }
            out.println("The push refers to repository [" + reference.name() + "]");
            out.flush();
            Descriptor root = all ? image.image().root() : image.selected();
            ImageCopy.copy(images, root, repository, List.of(reference.version()));
            out.println(reference.version() + ": digest: " + root.digest() + " size: " + root.size());
            out.flush();
        }
        return 0;
    }
}
