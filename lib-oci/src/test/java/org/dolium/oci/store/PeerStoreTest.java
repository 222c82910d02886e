// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dolium.oci.store.StoreImages.name;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.oci.blob.Contents;
import org.dolium.oci.blob.ImageSource;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.layout.OciLayout;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A store is read by skopeo and umoci as it is.
class PeerStoreTest {
    @TempDir
    Path directory;

    private String run(String program, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(MustRun.program(program)));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    @Test
    void skopeo_copies_an_image_out_of_a_store_and_umoci_unpacks_it() throws Exception {
        StoreImages images = new StoreImages();
        Descriptor one = images.simple("one");
        Descriptor two = images.simple("two", "more");
        try (ImageStore store = ImageStore.open(directory.resolve("store"))) {
            images.pull(store, one, "x.y:5000/a/b:1", "busybox");
            images.pull(store, two, "debian");
            StoreImages.unpack(store, one).close();
            store.tag(two, name("other:2"));
            String place = store.directory().toString();
            Path copy = directory.resolve("copy");
            run("skopeo", "copy", "--insecure-policy", "oci:" + place + ":docker.io/library/debian:latest", "oci:" + copy + ":c");
            try (ImageSource source = OciLayout.read(copy)) {
                assertThat(source.resolve("c").digest()).isEqualTo(two.digest());
                Contents.document(source, two);
            }
            assertThat(run("umoci", "ls", "--layout", place).lines()).containsExactlyInAnyOrder("x.y:5000/a/b:1",
                    "docker.io/library/busybox:latest", "docker.io/library/debian:latest", "docker.io/library/other:2");
            run("umoci", "unpack", "--rootless", "--image", place + ":docker.io/library/busybox:latest", directory.resolve("b").toString());
            assertThat(directory.resolve("b/rootfs/d0/f")).hasContent("one");
            try (ImageSource source = OciLayout.read(store.directory())) {
                assertThat(source.resolve("x.y:5000/a/b:1")).isEqualTo(one);
            }
            assertThat(Files.exists(store.directory().resolve("layers"))).isTrue();
        }
    }
}
