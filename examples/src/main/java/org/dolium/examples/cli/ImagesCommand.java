// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.Callable;
import org.dolium.oci.Images;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.store.StoredImage;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium images`: lists what the store has.
@Command(
        name = "images",
        usageHelpAutoWidth = true,
        description = "Lists the images of the store, the newest first. SIZE is that of the layers as they were downloaded.")
final class ImagesCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = {"-q", "--quiet"}, description = "Only the ids")
    private boolean quiet;

    @Option(names = {"-a", "--all"}, description = "Always so: all images are listed")
    private boolean all;

    @Option(names = "--digests", description = "Also the digests by which registries know them")
    private boolean digests;

    @Option(names = "--no-trunc", description = "Ids in full length")
    private boolean noTrunc;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "'json', or a text with {{.Repository}}, {{.Tag}}, {{.ID}}, {{.Digest}}, {{.CreatedSince}},"
                    + " {{.CreatedAt}} and {{.Size}}; after 'table ' with a heading")
    private @Nullable String format;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @ArgGroup(validate = false, heading = "%nImages:%n")
    private ImageOptions options = new ImageOptions();

    @Parameters(arity = "0..1", paramLabel = "REPOSITORY[:TAG]", description = "Only these")
    private @Nullable String wanted;

    @Override
    public Integer call() throws IOException {
        List<ImageLine> lines = new ArrayList<>();
        try (Images images = options.open()) {
            for (StoredImage image : images.list()) {
                add(lines, image, images);
            }
        }
        lines.sort(Comparator.comparing(ImageLine::created).reversed());
        PrintWriter out = spec.commandLine().getOut();
        if (quiet) {
            new LinkedHashSet<>(lines.stream().map(line -> line.value("ID")).toList()).forEach(out::println);
        } else {
            new ListFormat(format == null ? "table " + columns() : format, ImageLine.KEYS).print(lines, out);
        }
        out.flush();
        return 0;
    }

    private String columns() {
        return "{{.Repository}}\t{{.Tag}}\t" + (digests ? "{{.Digest}}\t" : "") + "{{.ID}}\t{{.CreatedSince}}\t{{.Size}}";
    }

    private void add(List<ImageLine> lines, StoredImage image, Images images) {
        Instant now = Instant.now();
        ImageLine unnamed = ImageLine.of(image, images.platform(), noTrunc, now);
        if (image.names().isEmpty() && wanted == null) {
            lines.add(unnamed);
        }
        for (ImageReference name : image.names()) {
            if (isWanted(name)) {
                lines.add(unnamed.named(name));
            }
        }
    }

    private boolean isWanted(ImageReference name) {
        if (wanted == null) {
            return true;
        }
        ImageReference asked = ImageReference.parse(wanted);
        return asked.name().equals(name.name()) && (asked.tag() == null || asked.tag().equals(name.tag()));
    }
}
