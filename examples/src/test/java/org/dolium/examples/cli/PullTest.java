// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.ImageConfig;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.image.Platform;
import org.dolium.oci.pull.PullEvent;
import org.dolium.oci.pull.PulledImage;
import org.dolium.testing.DockerRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `dolium pull` from the registry that the distribution project writes, where skopeo has put an image.
@Timeout(120)
class PullTest {
    @TempDir
    Path directory;

    private DockerRegistry registry;

    private void start() throws Exception {
        registry = DockerRegistry.empty(directory.resolve("registry"));
        registry.put(ImageFiles.layout(directory, ImageFiles.architecture(), "'Cmd':['echo','pulled']"), name());
    }

    private String name() {
        return registry.host() + "/a/tiny:1";
    }

    @AfterEach
    void stop() {
        if (registry != null) {
            registry.close();
        }
    }

    private CommandLineRun dolium(String command, String... arguments) {
        List<String> line = new ArrayList<>(List.of(command, "--store", directory.resolve("store").toString()));
        line.addAll(List.of(arguments));
        return CommandLineRun.here(line.toArray(new String[0]));
    }

    @Test
    void pull_prints_the_name_and_tells_how_it_goes_on_the_side() throws Exception {
        start();
        CommandLineRun first = dolium("pull", name());
        assertThat(first.err()).contains("1: Pulling from a/tiny\n", ": Pull complete\n", "Digest: sha256:",
                "Status: Downloaded newer image for " + name() + "\n");
        assertThat(first).extracting(CommandLineRun::status, CommandLineRun::out).containsExactly(0, name() + "\n");
        assertThat(dolium("pull", name()).err()).contains(": Already exists\n", "Status: Image is up to date for " + name() + "\n");
        assertThat(dolium("pull", "-q", name())).isEqualTo(new CommandLineRun(0, name() + "\n", ""));
        CommandLineRun missing = dolium("pull", registry.host() + "/a/none");
        assertThat(missing.status()).isEqualTo(125);
        assertThat(missing.err()).startsWith("Using default tag: latest\ndolium: ");
    }

    @Test
    void run_pulls_what_is_missing_or_always() throws Exception {
        start();
        String store = directory.resolve("store").toString();
        assertThat(CommandLineRun.output("--store", store, name())).isEqualTo("pulled\n");
        assertThat(dolium("run", "--pull", "always", "--explain", name()).err()).contains("Image is up to date for " + name());
        assertThat(dolium("run", "--explain", name())).satisfies(run -> {
            assertThat(run.err()).isEmpty();
            assertThat(run.out()).contains("\"overlay\"", "execve(\"/bin/echo\"");
        });
        assertThat(dolium("images", "-q").out()).hasSize(13);
    }

    @Test
    void what_is_wrong_with_a_path_is_said() throws Exception {
        Files.writeString(directory.resolve("store"), "");
        assertThat(dolium("images")).isEqualTo(
                new CommandLineRun(125, "", "dolium: " + directory.resolve("store") + ": something else is there already\n"));
    }

    @Test
    void a_terminal_sees_a_bar() {
        StringWriter text = new StringWriter();
        Descriptor layer = Descriptor.of("application/x", new byte[1000]);
        Descriptor more = Descriptor.of("application/x", new byte[3000]);
        try (PullProgress progress = new PullProgress(new PrintWriter(text), true, ImageReference.parse("debian"))) {
            progress.accept(new PullEvent.Resolved("latest", layer, 2, 4000));
            progress.accept(new PullEvent.LayerStarted(layer, false));
            progress.accept(new PullEvent.Downloaded(more, 1000));
            assertThat(text.toString()).endsWith("\r\u001b[K[=======>                      ] 1kB / 4kB, 0 of 2 layers");
            progress.accept(new PullEvent.LayerDone(layer, false));
            progress.accept(new PullEvent.LayerDone(more, false));
            assertThat(text.toString()).endsWith("[==============================] 4kB / 4kB, 2 of 2 layers");
            progress.accept(new PullEvent.Finished(new PulledImage(layer, layer, Manifest.of(layer, List.of(layer, more)),
                    ImageConfig.of(Platform.parse("amd64"), List.of()))));
        }
        assertThat(text.toString()).endsWith("\r\u001b[KDigest: " + layer.digest() + "\nStatus: Downloaded newer image for debian:latest\n");
    }
}
