// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.dolium.oci.blob.ImageCopy;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.registry.RegistryClient;
import org.dolium.oci.registry.Repository;
import org.dolium.oci.store.ImageStore;
import org.dolium.oci.store.StoredImage;
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

    @Option(
            names = "--insecure-registry",
            paramLabel = "HOST[:PORT]",
            description = "Ask this registry without TLS; those on this machine are anyway")
    private List<String> insecure = new ArrayList<>();

    @Parameters(paramLabel = "NAME", description = "The image, by a name that says where")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String name;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        ImageReference reference = ImageReference.parse(name).withDefaultTag();
        try (ImageStore images = store.open();
                RegistryClient client = Registries.here().insecure(insecure).client(reference.registry());
                Repository repository = client.repository(reference)) {
            LocalImage image = LocalImage.find(images, name);
            if (image.name() == null) {
                throw new IOException("an image is pushed by its name: '" + name + "' is none; use dolium tag");
            }
            out.println("The push refers to repository [" + reference.name() + "]");
            out.flush();
            neighbours(images, reference, image.manifest()).forEach(repository::mountFrom);
            Descriptor root = all ? image.image().root() : image.selected();
            ImageCopy.copy(images, root, new PushLines(repository, out), List.of(reference.version()));
            out.println(reference.version() + ": digest: " + root.digest() + " size: " + root.size());
            out.flush();
        }
        return 0;
    }

    /// The other repositories of the registry that should have some of the layers: those of images here that have them.
    private static Set<String> neighbours(ImageStore images, ImageReference target, Manifest manifest) throws IOException {
        Set<String> found = new TreeSet<>();
        for (StoredImage image : images.images()) {
            Manifest other = LocalImage.manifest(image);
            if (other != null && !Collections.disjoint(digests(other), digests(manifest))) {
                for (ImageReference name : image.names()) {
                    if (name.registry().equals(target.registry()) && !name.repository().equals(target.repository())) {
                        found.add(name.repository());
                    }
                }
            }
        }
        return found;
    }

    private static List<Digest> digests(Manifest manifest) {
        return manifest.layers().stream().map(Descriptor::digest).toList();
    }
}
