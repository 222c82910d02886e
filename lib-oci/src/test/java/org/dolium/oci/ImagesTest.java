// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.dolium.container.Container;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.Result;
import org.dolium.container.UserNamespace;
import org.dolium.namespace.IdMaps;
import org.dolium.oci.blob.ImageCopy;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Platform;
import org.dolium.oci.pull.PullEvent;
import org.dolium.oci.registry.LyingRegistry;
import org.dolium.oci.store.StoreSink;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.ProcessStatus;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Images from a registry to a container, for every user.
@Tag("kernel")
@Timeout(120)
@ExtendWith(LeakCheck.class)
class ImagesTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Platform OTHER = Platform.parse(Configs.HERE.architecture().equals("amd64") ? "linux/arm64" : "linux/amd64");
    private static final String RUN = "'Entrypoint':['cat'],'Cmd':['/etc/motd'],'User':'alice','Labels':{'a':'b'}";

    @TempDir
    Path directory;

    private TinyImage image;

    @BeforeEach
    void make() throws Exception {
        Path second = Files.createDirectories(directory.resolve("second/etc"));
        Files.writeString(second.resolve("motd"), "from the second layer\n");
        Path third = Files.createDirectories(directory.resolve("third/home"));
        Files.writeString(third.resolve(".wh..wh..opq"), "");
        Files.createDirectory(third.resolve("new"));
        Files.writeString(Files.createDirectories(directory.resolve("third/etc")).resolve(".wh.group"), "");
        Files.createDirectories(directory.resolve("second/home/old"));
        image = new TinyImage(directory, second.getParent(), third.getParent());
    }

    private Images images() throws IOException {
        return Images.open(directory.resolve("store"));
    }

    private void keep(Images images, Descriptor root, String... names) throws IOException {
        try (StoreSink sink = images.store().sink()) {
            List<String> whole = new ArrayList<>();
            for (String name : names) {
                whole.add(ImageReference.parse(name).withDefaultTag().toString());
            }
            ImageCopy.copy(image.content, root, sink, whole);
        }
    }

    private static String output(ContainerBuilder builder) throws Exception {
        Result result = builder.run(LIMIT);
        return result.stdout() + result.stderr();
    }

    @Test
    void an_image_is_pulled_and_run() throws Exception {
        List<PullEvent> events = new ArrayList<>();
        try (LyingRegistry registry = new LyingRegistry();
                Images images = Images.builder().directory(directory.resolve("store")).listener(events::add).open()) {
            Descriptor root = image.content.index(image.manifest(OTHER, "'Cmd':['no']"), image.manifest(Configs.HERE, RUN));
            registry.addAll(image.content, root, "latest");
            ImageReference name = new ImageReference(registry.reference("a/b").registry(), "a/b", null, null);
            try (Image pulled = images.pull(name.toString())) {
                assertThat(pulled.reference()).contains(name.withTag("latest"));
                assertThat(pulled.toString()).isEqualTo(name + ":latest");
                assertThat(pulled.layers()).hasSize(3);
                assertThat(output(pulled.newContainer())).isEqualTo("from the second layer\n");
                assertThat(output(pulled.newContainer().entrypoint("sh", "-c", "id -u; ls /home /etc"))).isEqualTo(
                        "1000\n/etc:\nmotd\npasswd\n\n/home:\nnew\n");
            }
            assertThat(events).last().isInstanceOf(PullEvent.Finished.class);
            registry.seen.clear();
            try (Image again = images.pull(name.toString())) {
                assertThat(registry.targets()).as("only the name is asked for").hasSize(1);
                assertThat(output(again.newContainer())).isEqualTo("from the second layer\n");
            }
        }
    }

    @Test
    void an_image_of_the_store_is_found_by_its_names_and_digests() throws Exception {
        Descriptor root = image.manifest(Configs.HERE, RUN);
        try (Images images = images()) {
            assertThat(images.find("tiny")).isEmpty();
            assertThatThrownBy(() -> images.get("tiny:1")).isInstanceOf(NoSuchFileException.class).hasMessageContaining("tiny:1");
            keep(images, root, "tiny", "example.com/x:2");
            assertThat(images.list()).hasSize(1);
            String id;
            try (Image found = images.get("docker.io/library/tiny:latest")) {
                id = found.id().hex();
                assertThat(found.digest()).isEqualTo(root.digest());
            }
            for (String name : List.of("tiny", "tiny:latest", "example.com/x:2", id, "sha256:" + id, id.substring(0, 12),
                    root.digest().toString(), root.digest().hex().substring(0, 20), "tiny@" + root.digest())) {
                try (Image found = images.get(name)) {
                    assertThat(found.digest()).as(name).isEqualTo(root.digest());
                }
            }
            assertThat(images.find("0123456789ab")).isEmpty();
            assertThatThrownBy(() -> images.find("Not A Name")).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void offline_no_registry_is_asked() throws Exception {
        try (LyingRegistry registry = new LyingRegistry();
                Images images = Images.builder().directory(directory.resolve("store")).offline().open()) {
            String name = registry.reference("a/b").withTag("1").toString();
            assertThatThrownBy(() -> images.getOrPull(name)).isInstanceOf(NoSuchFileException.class)
                    .hasMessageContaining(name).hasMessageContaining("offline");
            keep(images, image.manifest(Configs.HERE, RUN), name);
            try (Image there = images.getOrPull(name)) {
                assertThat(output(there.newContainer())).isEqualTo("from the second layer\n");
            }
            assertThat(registry.seen).isEmpty();
        }
    }

    @Test
    void layers_stay_as_long_as_a_container_runs() throws Exception {
        try (Images images = images()) {
            keep(images, image.manifest(Configs.HERE, RUN), "tiny");
            Image found = images.get("tiny");
            ContainerBuilder builder = found.newContainer().entrypoint("sh", "-c", "read x; cat /etc/motd");
            try (Container container = builder.start()) {
                found.close();
                images.store().untag(ImageReference.parse("tiny").withDefaultTag());
                images.store().prune();
                assertThat(found.layers()).allMatch(Files::isDirectory);
                container.process().outputWriter().append("\n").close();
                assertThat(container.process().inputReader().readLine()).isEqualTo("from the second layer");
            }
            images.store().prune();
            assertThat(found.layers()).noneMatch(Files::exists);
            assertThatThrownBy(builder::start).isInstanceOfAny(IOException.class, IllegalArgumentException.class);
        }
    }

    @Test
    void a_closed_image_starts_nothing_more() throws Exception {
        try (Images images = images()) {
            keep(images, image.manifest(Configs.HERE, RUN), "tiny");
            Image found = images.get("tiny");
            ContainerBuilder builder = found.newContainer();
            found.close();
            found.close();
            assertThatThrownBy(builder::start).isInstanceOf(IOException.class).hasMessageContaining("the image was closed");
        }
    }

    @Test
    void containers_of_one_image_see_nothing_of_each_other() throws Exception {
        try (Images images = images()) {
            keep(images, image.manifest(Configs.HERE, "'Cmd':['sh','-c','cat /etc/motd; echo changed > /etc/motd; cat /etc/motd']"), "tiny");
            try (Image found = images.get("tiny")) {
                for (int i = 0; i < 3; i++) {
                    assertThat(output(found.newContainer())).isEqualTo("from the second layer\nchanged\n");
                }
                assertThat(output(found.newContainer().rootfs(found.rootfs().upperOnDisk(directory)))).endsWith("changed\n");
                assertThat(output(found.newContainer().rootfs(found.rootfs().asReadOnly()))).contains("Read-only file system");
            }
        }
    }

    @Test
    void what_a_layer_removed_is_not_seen_in_a_user_namespace_either() throws Exception {
        UserNamespace own = ProcessStatus.self().effectiveUid() == 0
                ? UserNamespace.isolated(IdMaps.parse("0:100000:65536"), IdMaps.parse("0:100000:65536"))
                : UserNamespace.single();
        try (Images images = images()) {
            keep(images, image.manifest(Configs.HERE, "'Cmd':['sh','-c','ls /home /etc; touch /etc/x && rm -r /home && echo ok']"), "tiny");
            try (Image found = images.get("tiny")) {
                assertThat(output(found.newContainer().userNamespace(own))).isEqualTo("/etc:\nmotd\npasswd\n\n/home:\nnew\nok\n");
            }
        }
    }

    @Test
    void I_10_an_image_that_lies_about_its_platform_is_not_run() throws Exception {
        try (Images images = images()) {
            keep(images, image.manifest(OTHER, RUN), "other");
            try (Image found = images.get("other")) {
                assertThatThrownBy(found::newContainer).isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining(OTHER.toString(), Configs.HERE.toString());
            }
        }
        try (Images images = Images.builder().directory(directory.resolve("store")).platform(OTHER).open();
                Image found = images.get("other")) {
            assertThat(output(found.newContainer())).as("it was asked for").isEqualTo("from the second layer\n");
        }
    }
}
