// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.dolium.oci.change.ImageArchives;
import org.dolium.oci.change.ImageArchives.Loaded;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.store.ImageStore;
import org.dolium.oci.store.StoreSink;
import org.dolium.oci.store.StoredImage;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `dolium load`: takes the images of an archive over.
@Command(name = "load", usageHelpAutoWidth = true, description = "Takes the images of an archive over: of docker save, of OCI, also compressed.")
final class LoadCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Option(names = {"-i", "--input"}, paramLabel = "FILE", description = "The archive, or a layout in a directory (default: standard input)")
    private @Nullable Path input;

    @Option(names = {"-q", "--quiet"}, description = "Always so: there is no progress")
    private boolean quiet;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        try (ImageStore images = store.open();
                StoreSink sink = images.sink()) {
            Path spool = Path.of(System.getProperty("java.io.tmpdir"));
            List<Loaded> loaded = input == null ? ImageArchives.load(System.in, spool, sink) : ImageArchives.load(input, spool, sink);
            for (Loaded image : loaded) {
                for (ImageReference name : image.names()) {
                    out.println("Loaded image: " + name.familiar());
                }
                if (image.names().isEmpty()) {
                    StoredImage stored = images.image(image.root());
                    Manifest manifest = LocalImage.manifest(stored);
                    out.println("Loaded image ID: " + (manifest == null ? image.root().digest() : manifest.config().digest()));
                }
            }
        }
        out.flush();
        return 0;
    }
}
