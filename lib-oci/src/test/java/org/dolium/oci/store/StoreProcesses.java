// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.dolium.oci.image.Descriptor;

/// Stores that other JVMs work with: how these are started, and what must be true of the stores whenever they are gone.
final class StoreProcesses {
    private StoreProcesses() {}

    static List<String> command(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:-UsePerfData", "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=deny",
                "-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    static Process start(Path store, long seed, long seconds) throws IOException {
        return new ProcessBuilder(command(StoreMain.class, store.toString(), "" + seed, "" + seconds)).redirectErrorStream(true).start();
    }

    static List<String> names(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return List.of();
        }
        try (Stream<Path> names = Files.list(directory)) {
            return names.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    /// A line of the output, which ends with the process.
    static void await(Process process, String line) throws IOException {
        StringBuilder seen = new StringBuilder();
        for (int c = process.getInputStream().read(); c >= 0; c = process.getInputStream().read()) {
            seen.append((char) c);
            if (seen.toString().contains(line + "\n")) {
                return;
            }
        }
        throw new AssertionError("it said: " + seen);
    }

    /// Everything that is visible is whole, and the next operations do what they should.
    static void consistent(Path place, String when) throws IOException {
        StoreImages images = new StoreImages();
        try (ImageStore store = ImageStore.open(place)) {
            whole(store, when);
            store.collect();
            assertThat(names(place.resolve("work"))).as(when).isEmpty();
            whole(store, when);
            Descriptor root = StoreMain.image(images, 5);
            images.pull(store, root, "i5");
            try (LayerLease lease = StoreImages.unpack(store, root)) {
                StoreMain.check(lease, 5);
            }
            whole(store, when);
        }
    }

    private static void whole(ImageStore store, String when) throws IOException {
        assertThat(store.removeDamaged()).as(when).isEmpty();
        for (StoredImage image : store.images()) {
            ImageWalk walk = new ImageWalk(store.files());
            walk.add(image.root());
            assertThat(walk.missing()).as(when + ": " + image).isEmpty();
        }
        Path layers = store.directory().resolve("layers/sha256");
        for (String layer : names(layers)) {
            assertThat(names(layers.resolve(layer))).as(when).containsExactly("layer", "tree");
            assertThat(layers.resolve(layer).resolve("layer")).content().as(when).startsWith("chain id: sha256:" + layer + "\n");
            Path tree = layers.resolve(layer).resolve("tree");
            assertThat(names(tree)).as(when).hasSize(1);
            String content = Files.readString(tree.resolve(names(tree).get(0)).resolve("f"));
            int number = Integer.parseInt(content.substring(0, content.indexOf(' ')));
            assertThat(content).as(when).isEqualTo(StoreMain.content(number));
        }
    }
}
