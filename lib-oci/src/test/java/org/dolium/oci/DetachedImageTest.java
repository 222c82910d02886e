// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.dolium.container.Containers;
import org.dolium.container.DetachedContainer;
import org.dolium.container.ExitStatus;
import org.dolium.oci.blob.ImageCopy;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.store.ImageStore;
import org.dolium.oci.store.StoreSink;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Images whose containers outlive the JVM that has opened them.
@Tag("kernel")
@Timeout(120)
@ExtendWith(LeakCheck.class)
class DetachedImageTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    @Test
    void the_layers_of_a_detached_container_stay_until_it_has_ended() throws Exception {
        TinyImage tiny = new TinyImage(directory);
        Descriptor root = tiny.manifest(Configs.HERE, "'Cmd':['sh','-c','echo ready; while test ! -e /tmp/go; do sleep 0.1; done; exit 3']");
        Containers containers = Containers.at(directory.resolve("state"));
        Path store = directory.resolve("store");
        DetachedContainer container;
        Path layer;
        try (Images images = Images.open(store)) {
            try (StoreSink sink = images.store().sink()) {
                ImageCopy.copy(tiny.content, root, sink, List.of("docker.io/library/tiny:1"));
            }
            try (Image image = images.get("tiny:1")) {
                layer = image.layers().getFirst();
                container = containers.start(image.newContainer());
            }
            images.store().remove(root.digest());
        }
        try {
            collect(store);
            assertThat(layer.resolve("bin")).as("its monitor keeps the layer").exists();
            container.files().write("/tmp/go", "");
            assertThat(container.waitFor(LIMIT)).contains(new ExitStatus.Exited(3));
            collect(store);
            assertThat(layer).as("control: nobody needs it any more").satisfies(path -> assertThat(Files.exists(path)).isFalse());
        } finally {
            container.remove(true);
        }
    }

    private static void collect(Path directory) throws Exception {
        try (ImageStore store = ImageStore.open(directory)) {
            store.collect();
        }
    }
}
