// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.dolium.oci.Image;
import org.dolium.oci.image.ImageReference;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium pull`: downloads an image into the store.
@Command(
        name = "pull",
        usageHelpAutoWidth = true,
        description = "Downloads an image, or what the store doesn't have of it. Its name is printed on standard output, how it goes on"
                + " standard error.")
final class PullCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = {"-q", "--quiet"}, description = "Print nothing but the name")
    private boolean quiet;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @ArgGroup(validate = false, heading = "%nImages:%n")
    private ImageOptions images = new ImageOptions();

    @Parameters(paramLabel = "NAME[:TAG|@DIGEST]", description = "The image, e.g. debian:13")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String name;

    @Override
    public Integer call() throws IOException {
        ImageReference asked = ImageReference.parse(name);
        ImageReference reference = asked.withDefaultTag();
        if (!quiet && !asked.equals(reference)) {
            spec.commandLine().getErr().println("Using default tag: latest");
        }
        try (PullProgress progress = PullProgress.on(spec, reference);
                Image image = images.pull(name, event -> {
                    if (!quiet) {
                        progress.accept(event);
                    }
                })) {
            spec.commandLine().getOut().println(image.reference().orElse(reference));
            spec.commandLine().getOut().flush();
            return 0;
        }
    }
}
