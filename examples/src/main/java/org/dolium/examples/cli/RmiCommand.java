// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.store.ChainId;
import org.dolium.oci.store.ImageStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium rmi`: removes images.
@Command(name = "rmi", usageHelpAutoWidth = true, description = "Removes images: the names that are given, and what has no name any more. What a detached container was made of stays.")
final class RmiCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StateOptions state = new StateOptions();

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Option(names = {"-f", "--force"}, description = "An image that is named by its id loses all its names")
    private boolean force;

    @Parameters(paramLabel = "IMAGE", arity = "1..*", description = "A name, or the beginning of an id")
    private List<String> wanted = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        ImageUse use = ImageUse.of(state);
        try (ImageStore images = store.open()) {
            for (String one : wanted) {
                remove(images, LocalImage.find(images, one), one, use);
            }
        }
        return 0;
    }

    private void remove(ImageStore images, LocalImage image, String one, ImageUse use) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        List<ImageReference> names = image.image().names();
        if (image.name() != null && names.size() > 1) {
            images.untag(image.name());
            out.println("Untagged: " + image.name().familiar());
            out.flush();
            return;
        }
        if (names.size() > 1 && !force) {
            throw new IOException("unable to delete " + one + " (must be forced) - image is referenced by several names: " + texts(names));
        }
        use.checkFree(one, image.id());
        List<Digest> layers = new ArrayList<>();
        for (Digest layer : ChainId.all(image.config(images).diffIds())) {
            if (images.hasLayer(layer)) {
                layers.add(0, layer);
            }
        }
        images.remove(image.image().root().digest());
        names.forEach(name -> out.println("Untagged: " + name.familiar()));
        images.collect();
        out.println("Deleted: " + image.id());
        for (Digest layer : layers) {
            if (!images.hasLayer(layer)) {
                out.println("Deleted: " + layer);
            }
        }
        out.flush();
    }

    private static List<String> texts(List<ImageReference> names) {
        return names.stream().map(ImageReference::familiar).toList();
    }
}
