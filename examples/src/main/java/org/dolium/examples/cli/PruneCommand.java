// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.store.Collected;
import org.dolium.oci.store.ImageStore;
import org.dolium.oci.store.StoredImage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `dolium prune`: removes what nobody needs.
@Command(name = "prune", usageHelpAutoWidth = true, description = "Removes images without a name, and what no image needs and nobody uses.")
final class PruneCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StateOptions state = new StateOptions();

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Option(names = {"-f", "--force"}, description = "Always so: nothing is asked")
    private boolean force;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        ImageUse use = ImageUse.of(state);
        Set<Digest> kept = new HashSet<>();
        try (ImageStore images = store.open()) {
            List<String> gone = new ArrayList<>();
            for (StoredImage image : images.images()) {
                Manifest manifest = image.names().isEmpty() ? LocalImage.manifest(image) : null;
                if (manifest != null && use.isUsed(manifest.config().digest())) {
                    kept.add(image.root().digest());
                } else if (manifest != null) {
                    gone.add(manifest.config().digest().toString());
                }
            }
            Collected collected = images.prune(kept);
            if (!gone.isEmpty()) {
                out.println("Deleted Images:");
                gone.forEach(id -> out.println("deleted: " + id));
                out.println();
            }
            out.println("Total reclaimed space: " + HumanText.size(collected.bytes()));
        }
        out.flush();
        return 0;
    }
}
