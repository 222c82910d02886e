// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.dolium.oci.Image;
import org.dolium.oci.Images;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Platform;
import org.dolium.oci.pull.PullEvent;
import org.dolium.oci.registry.RegistryClient;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/// The options about where images are and where they come from.
final class ImageOptions {
    @Option(names = "--store", paramLabel = "DIR", description = "Where images are kept (default: this user's own store)")
    private @Nullable Path store;

    @Option(names = "--platform", paramLabel = "OS/ARCH", description = "Take the image for this platform, e.g. linux/arm64")
    private @Nullable String platform;

    @Option(
            names = "--insecure-registry",
            paramLabel = "HOST[:PORT]",
            description = "Ask this registry without TLS; those on this machine are anyway")
    private List<String> insecure = new ArrayList<>();

    @Option(
            names = "--registry-mirror",
            paramLabel = "[REGISTRY=]HOST[:PORT]",
            description = "Fetch from this mirror of Docker Hub, or of REGISTRY, first; what tags stand for is asked of the registry itself")
    private List<String> mirrors = new ArrayList<>();

    @Option(names = "--mirror-tags", description = "Ask mirrors also what tags stand for, and believe them, as Docker does")
    private boolean tags;

    /// The store, to be looked at.
    Images open() throws IOException {
        return builder().open();
    }

    private Images.Builder builder() {
        Images.Builder builder = Images.builder();
        if (store != null) {
            builder.directory(store);
        }
        if (platform != null) {
            builder.platform(Platform.parse(platform));
        }
        return builder;
    }

    /// Pulls an image.
    Image pull(String name, Consumer<PullEvent> listener) throws IOException {
        Registries registries = Registries.here().insecure(insecure);
        for (String mirror : mirrors) {
            registries.mirror(mirror, tags);
        }
        try (RegistryClient registry = registries.client(ImageReference.parse(name).registry());
                Images images = builder().registry(registry).listener(listener).open()) {
            return images.pull(name);
        }
    }

    /// The image for a container.
    ///
    /// @param when `always`, `missing` or `never`
    Image get(String name, String when, CommandSpec spec) throws IOException {
        if (!when.equals("always")) {
            if (!when.equals("missing") && !when.equals("never")) {
                throw new IllegalArgumentException("--pull '" + when + "' is unknown; there is always, missing and never");
            }
            Optional<Image> there = find(name);
            if (there.isPresent()) {
                return there.get();
            }
            if (when.equals("never")) {
                throw new NoSuchFileException(name, null, "no such image here, and --pull never forbids to pull it");
            }
            spec.commandLine().getErr().println("Unable to find image '" + ImageReference.parse(name).withDefaultTag().familiar()
                    + "' locally");
        }
        try (PullProgress progress = PullProgress.on(spec, ImageReference.parse(name))) {
            return pull(name, progress);
        } catch (IOException e) {
            throw withHint(name, e);
        }
    }

    private Optional<Image> find(String name) throws IOException {
        try (Images images = open()) {
            return images.find(name);
        } catch (NoSuchFileException e) {
            return Optional.empty(); // another platform's, or a part of it is missing
        }
    }

    /// Who wants a command of this host and writes no `--` asks for an image of that name.
    private static IOException withHint(String name, IOException failure) {
        for (String directory : List.of("/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin")) {
            if (name.matches("[A-Za-z0-9_.+-]+") && Files.isExecutable(Path.of(directory, name))) {
                return new IOException(failure.getMessage() + "\n  hint: '" + name + "' was taken for the name of an image; for a command"
                        + " of this host write: dolium run -- " + name, failure);
            }
        }
        return failure;
    }
}
