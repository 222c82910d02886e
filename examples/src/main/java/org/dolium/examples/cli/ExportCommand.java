// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.dolium.oci.change.ContainerChanges;
import org.dolium.oci.pack.LayerPack;
import org.dolium.oci.pack.PackPolicy;
import org.dolium.oci.store.ImageStore;
import org.dolium.oci.store.LayerLease;
import org.dolium.oci.unpack.LayerLimits;
import org.dolium.oci.unpack.LayerPolicy;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `dolium export`: writes a root file system as an archive.
@Command(name = "export", usageHelpAutoWidth = true, description = "Writes the root file system of a container, or of an image, as a tar archive.")
final class ExportCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StateOptions state = new StateOptions();

    @Mixin
    private StoreOptions store = new StoreOptions();

    @Option(names = {"-o", "--output"}, paramLabel = "FILE", description = "The archive (default: standard output)")
    private @Nullable Path output;

    @Option(names = "--image", description = "The name is that of an image")
    private boolean image;

    @Parameters(paramLabel = "NAME", description = "The pid of the container's first process, its name, or with --image an image")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String name;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (output == null) {
            if (System.console() != null && System.console().isTerminal()) {
                throw new IOException("cowardly refusing to save to a terminal. Use the -o flag or redirect");
            }
            StandardOutput.write(this::write);
            return 0;
        }
        Path part = output.toAbsolutePath().resolveSibling(".dolium-" + java.util.UUID.randomUUID());
        try {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(part, java.nio.file.StandardOpenOption.CREATE_NEW), 1 << 17)) {
                write(out);
            }
            Files.move(part, output, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(part);
        }
        return 0;
    }

    private void write(OutputStream out) throws IOException, InterruptedException {
        if (!image) {
            ContainerChanges.of(ContainerName.layers(name, state)).export(out);
            return;
        }
        try (ImageStore images = store.open();
                LayerLease layers = images.unpack(LocalImage.find(images, name).manifest(), LayerLimits.standard())) {
            LayerPolicy policy = images.policy();
            PackPolicy.Kind kind = policy.removals() == LayerPolicy.Removals.USER_OVERLAY ? PackPolicy.Kind.USER_OVERLAY : PackPolicy.Kind.OVERLAY;
            LayerPack.export(layers.directories(), PackPolicy.of(kind, policy.owners()), out);
        }
    }
}
