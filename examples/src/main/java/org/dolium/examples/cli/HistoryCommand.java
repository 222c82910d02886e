// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.ImageConfig;
import org.dolium.oci.image.ImageConfig.HistoryEntry;
import org.dolium.oci.store.ImageStore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium history`: prints how an image was made.
@Command(name = "history", usageHelpAutoWidth = true, description = "Prints how an image was made, the last step first. Sizes are those of layers as they are stored.")
final class HistoryCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Option(names = "--no-trunc", description = "Print ids and commands in full")
    private boolean whole;

    @Option(names = {"-q", "--quiet"}, description = "Print only ids")
    private boolean quiet;

    @Parameters(paramLabel = "IMAGE", description = "A name, or the beginning of an id")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String wanted;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        List<String[]> rows = new ArrayList<>();
        try (ImageStore images = store.open()) {
            LocalImage image = LocalImage.find(images, wanted);
            ImageConfig config = image.config(images);
            int layer = 0;
            for (HistoryEntry step : config.history()) {
                List<Descriptor> layers = image.manifest().layers();
                long size = step.emptyLayer() || layer >= layers.size() ? 0 : layers.get(layer++).size();
                rows.add(0, new String[] {"<missing>", ago(step.created()), command(step), HumanText.size(size), text(step.comment())});
            }
            if (rows.isEmpty()) {
                rows.add(new String[] {"", "N/A", "", HumanText.size(0), ""});
            }
            rows.get(0)[0] = whole ? image.id().toString() : image.id().hex().substring(0, 12);
        }
        if (quiet) {
            rows.forEach(row -> out.println(row[0]));
        } else {
            rows.add(0, new String[] {"IMAGE", "CREATED", "CREATED BY", "SIZE", "COMMENT"});
            out.print(Table.of(rows));
        }
        out.flush();
        return 0;
    }

    private String command(HistoryEntry step) {
        String command = text(step.createdBy()).replace('\t', ' ');
        return whole || command.length() <= 45 ? command : command.substring(0, 44) + "\u2026";
    }

    private static String ago(@Nullable String created) {
        try {
            return created == null ? "N/A" : HumanText.ago(Duration.between(OffsetDateTime.parse(created).toInstant(), Instant.now()));
        } catch (DateTimeParseException e) {
            return "N/A";
        }
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }
}
