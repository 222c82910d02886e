// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dolium.container.Container;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.ContainerLayers;
import org.dolium.container.Rootfs;
import org.dolium.container.UserNamespace;
import org.dolium.namespace.IdMaps;
import org.dolium.oci.blob.Contents;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.blob.ImageSource;
import org.dolium.oci.change.ImageCommit.Committed;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.ImageConfig;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.image.MediaTypes;
import org.dolium.oci.image.Platform;
import org.dolium.oci.layout.OciLayout;
import org.dolium.oci.pack.LayerCompression;
import org.dolium.oci.pack.LayerPack;
import org.dolium.oci.pack.PackPolicy;
import org.dolium.oci.pack.TreeChange;
import org.dolium.oci.unpack.LayerUnpack;
import org.dolium.oci.unpack.Owners;
import org.dolium.testing.Await;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.ProcessStatus;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Containers whose changes become images.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class CommitTest {
    private static final boolean ROOT = ProcessStatus.self().effectiveUid() == 0;
    private static final Instant TIME = Instant.parse("2020-01-01T00:00:00Z");
    private static final Platform PLATFORM = Platform.parse("amd64");
    private static final String WORK = "rm /bin/yes; rm -r /home; mkdir /home; echo new > /home/n; echo changed > /etc/group;"
            + " ln -s n /home/l; mkdir -p /a/b; chmod 700 /a; echo x > /a/b/c; ln /a/b/c /a/hard";

    @TempDir
    Path directory;

    private Path root;
    private Path uppers;
    private Path layout;
    private Manifest base;

    @BeforeEach
    void make() throws Exception {
        root = TinyRoot.make(Files.createDirectory(directory.resolve("root")));
        Files.writeString(root.resolve("home/old"), "old");
        uppers = Files.createDirectory(directory.resolve("uppers"));
        layout = directory.resolve("layout");
        PackPolicy policy = PackPolicy.of(PackPolicy.Kind.PLAIN, ROOT ? new Owners.Kept() : new Owners.Squashed());
        try (ImageSink sink = OciLayout.write(layout)) {
            Committed made = ImageCommit.onNothing(PLATFORM).time(TIME).spool(directory).message("base").change("CMD [\"sh\"]").change("ENV A=b")
                    .commit((compression, docker, spool, latest) -> LayerPack.tree(
                            List.of(root), policy.withLatest(latest), compression, docker, spool), sink, List.of("base"));
            base = manifest(made.root());
        }
    }

    @AfterEach
    void remove() throws IOException {
        try (var left = Files.list(directory)) {
            for (Path path : left.toList()) {
                LayerUnpack.remove(path);
            }
        }
    }

    private Manifest manifest(Descriptor root) throws IOException {
        try (ImageSource source = OciLayout.read(layout)) {
            return (Manifest) Contents.document(source, root);
        }
    }

    private Container start(String... command) throws Exception {
        return ContainerBuilder.create().rootfs(Rootfs.overlay(root).upperOnDisk(uppers)).command(command).start();
    }

    private Committed commit(ContainerChanges changes, String... instructions) throws Exception {
        try (ImageSource source = OciLayout.read(layout);
                ImageSink sink = OciLayout.write(layout)) {
            ImageCommit how = ImageCommit.on(source, base).author("me").message("changed").time(TIME).spool(directory);
            List.of(instructions).forEach(how::change);
            return changes.commit(how, sink, List.of("example.com/made:1"));
        }
    }

    private ImageConfig config(Committed made) throws IOException {
        try (ImageSource source = OciLayout.read(layout)) {
            return Contents.config(source, manifest(made.root()));
        }
    }

    @Test
    void an_ended_container_becomes_an_image_with_one_layer_more() throws Exception {
        try (Container container = start("sh", "-c", WORK)) {
            assertThat(container.waitFor().success()).isTrue();
            Committed made = commit(ContainerChanges.of(container), "CMD [\"cat\", \"/home/n\"]", "ENV C=\"d e\"");
            Manifest manifest = manifest(made.root());
            assertThat(manifest.layers()).hasSize(2).startsWith(base.layers().get(0));
            assertThat(manifest.layers().get(1)).isEqualTo(made.layer());
            ImageConfig config = config(made);
            assertThat(config.diffIds()).hasSize(2);
            assertThat(config.author()).isEqualTo("me");
            assertThat(config.created()).isEqualTo("2020-01-01T00:00:00Z");
            assertThat(config.history()).hasSize(2);
            assertThat(config.history().get(1).comment()).isEqualTo("changed");
            assertThat(config.command()).containsExactly("cat", "/home/n");
            assertThat(config.config().env()).containsExactly("A=b", "C=d e");
        }
    }

    @Test
    void what_is_committed_is_the_root_file_system_as_the_container_saw_it() throws Exception {
        try (Container container = start("sh", "-c", WORK + "; touch /tmp/list; find / -xdev | sort > /tmp/list; exec sleep 60")) {
            Path list = container.layers().orElseThrow().upper().resolve("tmp/list");
            Await.that("the list of files", () -> Files.exists(list) && Files.readString(list).contains("/tmp/list\n"));
            ContainerChanges changes = ContainerChanges.of(container);
            Committed made = commit(ROOT ? changes : changes.withoutPause()); // a plain user has no cgroup here
            assertThat(container.isPaused()).isFalse();
            Path tree = unpacked(made);
            try (var files = Files.walk(tree)) {
                List<String> names = files.map(file -> "/" + tree.relativize(file)).filter(name -> !name.startsWith("/proc/")).sorted().toList();
                List<String> seen = Files.readString(list).lines().filter(name -> !name.startsWith("/proc/")).sorted().toList();
                assertThat(names.stream().filter(name -> !seen.contains(name))).isEmpty();
                assertThat(seen.stream().filter(name -> !names.contains(name))).isEmpty();
            }
            assertThat(tree.resolve("home/n")).hasContent("new\n");
            assertThat(tree.resolve("bin/yes")).doesNotExist();
            assertThat(tree.resolve("home/old")).doesNotExist();
            assertThat(Files.getAttribute(tree.resolve("a/b/c"), "unix:ino")).isEqualTo(Files.getAttribute(tree.resolve("a/hard"), "unix:ino"));
        }
    }

    private Path unpacked(Committed made) throws IOException {
        Path tree = Files.createDirectory(directory.resolve("tree"));
        try (ImageSource source = OciLayout.read(layout)) {
            Manifest manifest = manifest(made.root());
            ImageConfig config = Contents.config(source, manifest);
            for (int i = 0; i < manifest.layers().size(); i++) {
                LayerUnpack.apply(source.open(manifest.layers().get(i)), config.diffIds().get(i),
                        org.dolium.oci.unpack.LayerLimits.standard(), tree,
                        org.dolium.oci.unpack.LayerPolicy.of(org.dolium.oci.unpack.LayerPolicy.Removals.APPLIED,
                                ROOT ? new Owners.Kept() : new Owners.Squashed()));
            }
        }
        return tree;
    }

    private static List<String> seen(ContainerBuilder builder) throws Exception {
        try (Container container = builder.command("sh", "-c", WORK + "; echo done; exec sleep 60").start()) {
            assertThat(container.process().inputReader().readLine()).isEqualTo("done");
            return ContainerChanges.compared(container, false).stream().map(TreeChange::toString)
                    .filter(line -> !line.matches(". /(proc|sys|dev|run|etc/(hosts|hostname|resolv.conf))(/.*)?")).toList();
        }
    }

    @Test
    void changes_in_memory_are_seen_as_those_on_disk_while_the_container_runs() throws Exception {
        List<String> onDisk = seen(ContainerBuilder.create().rootfs(Rootfs.overlay(root).upperOnDisk(uppers)));
        assertThat(onDisk).contains("A /a/b/c", "D /bin/yes", "C /etc/group", "D /home/old", "A /home/n");
        assertThat(seen(ContainerBuilder.create().rootfs(Rootfs.overlay(root)))).isEqualTo(onDisk);
        if (ROOT) {
            IdMaps range = IdMaps.parse("0:100000:65536");
            assertThat(seen(ContainerBuilder.create().rootfs(Rootfs.overlay(root)).userNamespace(UserNamespace.isolated(range, range))))
                    .isEqualTo(onDisk);
        }
        try (Container container = ContainerBuilder.create().command("cat").start()) {
            assertThatThrownBy(() -> ContainerChanges.compared(container, false)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("no overlay");
        }
        try (Container container = ContainerBuilder.create().rootfs(Rootfs.overlay(root)).command("true").start()) {
            container.waitFor();
            assertThatThrownBy(() -> ContainerChanges.compared(container, false)).isInstanceOfAny(IllegalStateException.class, IOException.class);
        }
    }

    @Test
    void with_a_time_the_same_changes_are_the_same_image() throws Exception {
        List<Committed> made = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            try (Container container = start("sh", "-c", WORK)) {
                container.waitFor();
                made.add(commit(ContainerChanges.of(container), "USER 1000"));
            }
            Thread.sleep(1100); // other times
        }
        assertThat(made.get(0)).isEqualTo(made.get(1));
    }

    @Test
    void changes_are_told_as_docker_tells_them() throws Exception {
        try (Container container = start("sh", "-c", WORK)) {
            container.waitFor();
            List<String> lines = ContainerChanges.of(container).changes().stream().map(TreeChange::toString)
                    .filter(line -> !line.matches(". /(proc|sys|dev|run|etc/(hosts|hostname|resolv.conf))(/.*)?")).toList();
            assertThat(lines).containsExactly(
                    "A /a", "A /a/b", "A /a/b/c", "A /a/hard", "C /bin", "D /bin/yes", "C /etc/group", "C /home", "A /home/l",
                    "A /home/n", "D /home/old");
        }
    }

    @Test
    void a_container_that_changed_nothing_has_no_changes() throws Exception {
        try (Container container = start("true")) {
            container.waitFor();
            assertThat(ContainerChanges.of(container).changes().stream().map(TreeChange::text)
                    .filter(path -> !path.matches("/(proc|sys|dev|run|etc)(/.*)?"))).isEmpty();
        }
    }

    @Test
    void a_running_container_is_found_by_its_pid_and_no_other_is() throws Exception {
        try (Container container = start("sh", "-c", "echo x > /x; exec sleep 60");
                Container other = ContainerBuilder.create().rootfs(Rootfs.overlay(root)).command("sleep", "60").start()) {
            ContainerLayers found = ContainerLayers.ofProcess(container.pid());
            assertThat(found).hasToString(container.layers().orElseThrow().toString());
            assertThat(found.lower()).containsExactly(root);
            assertThatThrownBy(() -> ContainerLayers.ofProcess(other.pid())).isInstanceOf(IOException.class)
                    .hasMessageContaining("no directory of its own on this disk");
            assertThat(other.layers()).isEmpty();
            assertThatThrownBy(() -> ContainerChanges.of(other)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("upperOnDisk");
            assertThatThrownBy(() -> ContainerLayers.ofProcess(4194305)).hasMessageContaining("there is no process");
        }
    }

    @Test
    void a_wrong_change_is_refused_before_anything_is_written() throws Exception {
        try (Container container = start("true")) {
            container.waitFor();
            List<Descriptor> before = OciLayout.images(layout);
            for (String wrong : List.of("RUN x", "CMDx", "EXPOSE abc", "EXPOSE 0", "ENV =x", "ONBUILD FROM x", "HEALTHCHECK --x CMD y", "ENV a=\"b")) {
                assertThatThrownBy(() -> commit(ContainerChanges.of(container), wrong)).isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("change '" + wrong + "'");
            }
            assertThat(OciLayout.images(layout)).isEqualTo(before);
        }
    }

    @Test
    void an_export_has_everything_and_is_an_image_again() throws Exception {
        try (Container container = start("sh", "-c", WORK)) {
            container.waitFor();
            ByteArrayOutputStream tar = new ByteArrayOutputStream();
            ContainerChanges.of(container).export(tar);
            for (LayerCompression compression : LayerCompression.values()) {
                try (ImageSink sink = OciLayout.write(layout)) {
                    Committed made = ImageCommit.onNothing(PLATFORM).compression(compression).spool(directory)
                            .commit(ImageCommit.archive(new ByteArrayInputStream(tar.toByteArray())), sink, List.of("imported"));
                    Path tree = unpacked(made);
                    assertThat(tree.resolve("home/n")).hasContent("new\n");
                    assertThat(tree.resolve("bin/busybox")).exists();
                    assertThat(tree.resolve("bin/yes")).doesNotExist();
                    LayerUnpack.remove(tree);
                }
            }
        }
    }

    @Test
    void what_is_saved_is_loaded_with_all_its_names_and_digests() throws Exception {
        try (ImageSource source = OciLayout.read(layout)) {
            Descriptor image = source.resolve("base");
            Map<Descriptor, List<ImageReference>> images = new LinkedHashMap<>();
            images.put(image, List.of(ImageReference.parse("a:1"), ImageReference.parse("example.com/b:2")));
            for (boolean docker : new boolean[] {true, false}) {
                Path archive = directory.resolve("saved" + docker);
                ImageArchives.save(source, images, docker, archive);
                Path gzip = directory.resolve("saved" + docker + ".gz");
                try (var out = new java.util.zip.GZIPOutputStream(Files.newOutputStream(gzip))) {
                    Files.copy(archive, out);
                }
                for (Path one : List.of(archive, gzip)) {
                    Path other = directory.resolve("other");
                    try (ImageSink sink = OciLayout.write(other)) {
                        List<ImageArchives.Loaded> loaded = ImageArchives.load(one, directory, sink);
                        assertThat(loaded).hasSize(1);
                        assertThat(loaded.get(0).root().digest()).isEqualTo(image.digest());
                        assertThat(loaded.get(0).names().stream().map(ImageReference::familiar)).containsExactly("a:1", "example.com/b:2");
                    }
                    assertThat(OciLayout.names(other)).containsExactly("docker.io/library/a:1", "example.com/b:2");
                    LayerUnpack.remove(other);
                }
            }
        }
    }

    @Test
    void an_archive_from_a_stream_never_has_a_name() throws Exception {
        Path spool = Files.createDirectory(directory.resolve("spool"));
        ByteArrayOutputStream saved = new ByteArrayOutputStream();
        try (ImageSource source = OciLayout.read(layout)) {
            ImageArchives.save(source, Map.of(source.resolve("base"), List.of(ImageReference.parse("a:1"))), true, saved);
            Path archive = directory.resolve("saved");
            ImageArchives.save(source, Map.of(source.resolve("base"), List.of(ImageReference.parse("a:1"))), true, archive);
            assertThat(archive).hasBinaryContent(saved.toByteArray());
        }
        List<Boolean> empty = new ArrayList<>();
        InputStream watched = new FilterInputStream(new ByteArrayInputStream(saved.toByteArray())) {
            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                try (var names = Files.list(spool)) {
                    empty.add(names.findAny().isEmpty());
                }
                return super.read(bytes, offset, length);
            }
        };
        try (ImageSink sink = OciLayout.write(directory.resolve("other"))) {
            assertThat(ImageArchives.load(watched, spool, sink)).hasSize(1);
        }
        assertThat(empty).hasSizeGreaterThan(2).doesNotContain(false);
        assertThat(spool).isEmptyDirectory();
    }

    @Test
    void what_is_no_archive_of_images_is_refused() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "no archive");
        Path xz = Files.write(directory.resolve("xz"), new byte[] {(byte) 0xfd, '7', 'z', 'X', 'Z', 0, 0});
        try (ImageSink sink = OciLayout.write(directory.resolve("other"))) {
            assertThatThrownBy(() -> ImageArchives.load(file, directory, sink)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> ImageArchives.load(xz, directory, sink)).hasMessageContaining("compressed with xz").hasMessageContaining("xz -dc FILE | dolium load");
            assertThatThrownBy(() -> ImageCommit.onNothing(PLATFORM).spool(directory).commit(
                    ImageCommit.archive(new ByteArrayInputStream("x".repeat(600).getBytes(StandardCharsets.US_ASCII))), sink, List.of("x")))
                    .hasMessageContaining("checksum");
        }
    }

    @Test
    void images_of_docker_stay_of_docker() throws Exception {
        try (ImageSource source = OciLayout.read(layout);
                ImageSink sink = OciLayout.write(layout);
                Container container = start("sh", "-c", "echo x > /x")) {
            container.waitFor();
            Descriptor config = Descriptor.of(MediaTypes.DOCKER_CONFIG, base.config().digest(), base.config().size());
            Descriptor layer = Descriptor.of(MediaTypes.DOCKER_LAYER_GZIP, base.layers().get(0).digest(), base.layers().get(0).size());
            Manifest docker = new Manifest(MediaTypes.DOCKER_MANIFEST, null, config, List.of(layer), null, Map.of(), Map.of());
            Committed made = ContainerChanges.of(container).commit(ImageCommit.on(source, docker).spool(directory), sink, List.of());
            assertThat(made.root().mediaType()).isEqualTo(MediaTypes.DOCKER_MANIFEST);
            assertThat(made.config().mediaType()).isEqualTo(MediaTypes.DOCKER_CONFIG);
            assertThat(made.layer().mediaType()).isEqualTo(MediaTypes.DOCKER_LAYER_GZIP);
            assertThat(manifest(made.root()).layers()).startsWith(layer);
        }
    }
}
