// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.dolium.oci.change.ImageInspection;
import org.dolium.oci.store.ImageStore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium image inspect`: prints what is known of images.
@Command(name = "inspect", usageHelpAutoWidth = true, description = "Prints what is known of images as JSON, or a line of each in a given format.")
final class ImageInspectCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Option(names = {"-f", "--format"}, paramLabel = "TEMPLATE",
            description = "As {{.Id}}, {{json .Config}}, {{len .A}}, {{index .A 0}} or {{join .A \",\"}}")
    private @Nullable String format;

    @Parameters(paramLabel = "IMAGE", arity = "1..*", description = "Names, or beginnings of ids")
    private List<String> wanted = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        List<ImageInspection> inspections = new ArrayList<>();
        try (ImageStore images = store.open()) {
            for (String one : wanted) {
                LocalImage image = LocalImage.find(images, one);
                inspections.add(ImageInspection.of(image.selected(), image.manifest(), image.config(images), image.image().names()));
            }
        }
        if (format == null || format.equals("json")) {
            out.println(ImageInspection.json(inspections));
        } else {
            for (ImageInspection inspection : inspections) {
                // whoever made the image wrote it: nothing for the terminal to act upon
                out.println(inspection.format(format).replaceAll("[\\p{Cntrl}&&[^\n\t]]", "?"));
            }
        }
        out.flush();
        return 0;
    }
}
