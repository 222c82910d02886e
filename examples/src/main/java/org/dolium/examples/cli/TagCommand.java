// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.store.ImageStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium tag`: gives an image another name.
@Command(name = "tag", usageHelpAutoWidth = true, description = "Gives an image another name.")
final class TagCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Parameters(index = "0", paramLabel = "IMAGE", description = "A name, or the beginning of an id")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String image;

    @Parameters(index = "1", paramLabel = "NAME", description = "The new name, with a tag if not :latest")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String name;

    @Override
    public Integer call() throws IOException {
        ImageReference target = ImageReference.parse(name).withDefaultTag();
        if (target.digest() != null) {
            throw new IllegalArgumentException("'" + name + "' has a digest, and can't be a new name");
        }
        try (ImageStore images = store.open()) {
            images.tag(LocalImage.find(images, image).image().root(), target);
        }
        return 0;
    }
}
