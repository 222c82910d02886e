// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.dolium.oci.change.ImageArchives;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.store.ImageStore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium save`: writes images to an archive.
@Command(name = "save", usageHelpAutoWidth = true, description = "Writes images to an archive that docker load and others read.")
final class SaveCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Option(names = {"-o", "--output"}, paramLabel = "FILE", description = "The archive (default: standard output)")
    private @Nullable Path output;

    @Option(names = "--format", paramLabel = "FORMAT", defaultValue = "docker-archive", description = "docker-archive, which is an OCI layout"
            + " too, or oci-archive")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String format;

    @Parameters(paramLabel = "IMAGE", arity = "1..*", description = "Names, or beginnings of ids")
    private List<String> wanted = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!format.equals("docker-archive") && !format.equals("oci-archive")) {
            throw new IllegalArgumentException("--format '" + format + "' is neither docker-archive nor oci-archive");
        }
        if (output == null && System.console() != null && System.console().isTerminal()) {
            throw new IOException("cowardly refusing to save to a terminal. Use the -o flag or redirect");
        }
        try (ImageStore images = store.open()) {
            Map<Descriptor, List<ImageReference>> chosen = new LinkedHashMap<>();
            for (String one : wanted) {
                LocalImage image = LocalImage.find(images, one);
                List<ImageReference> names = chosen.computeIfAbsent(image.selected().bare(), key -> new ArrayList<>());
                if (image.name() != null && image.name().digest() == null && !names.contains(image.name())) {
                    names.add(image.name());
                }
            }
            write(images, chosen);
        }
        return 0;
    }

    private void write(ImageStore images, Map<Descriptor, List<ImageReference>> chosen) throws IOException, InterruptedException {
        boolean docker = format.equals("docker-archive");
        if (output != null) {
            ImageArchives.save(images, chosen, docker, output);
            return;
        }
        StandardOutput.write(out -> ImageArchives.save(images, chosen, docker, out));
    }
}
