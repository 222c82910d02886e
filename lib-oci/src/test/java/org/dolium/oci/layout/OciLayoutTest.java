// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.dolium.oci.blob.Contents;
import org.dolium.oci.blob.ImageCopy;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.blob.ImageSource;
import org.dolium.oci.blob.TestImage;
import org.dolium.oci.blob.WrongContentException;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.MediaTypes;
import org.dolium.testing.MustRun;
import org.dolium.testing.QuickJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OciLayoutTest {
    @TempDir
    Path directory;

    private final TestImage images = new TestImage();

    private Path write(boolean archive, Descriptor root, String... names) throws IOException {
        Path path = directory.resolve(archive ? "image.tar" : "layout");
        try (ImageSink sink = archive ? OciLayout.writeArchive(path) : OciLayout.write(path)) {
            ImageCopy.copy(images, root, sink, List.of(names));
            sink.finish();
        }
        return path;
    }

    private static List<Path> files(Path root) throws IOException {
        try (Stream<Path> walk = Files.walk(root)) {
            return walk.filter(Files::isRegularFile).map(root::relativize).sorted().toList();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void what_was_written_is_read_byte_for_byte(boolean archive) throws IOException {
        Descriptor root = images.index(images.image("amd64", 10, 100_000), images.image("arm64", 0, 1, 512, 1024));
        Path path = write(archive, root, "latest", "example.com/app:1");
        assertThat(OciLayout.names(path)).containsExactly("latest", "example.com/app:1");
        try (ImageSource source = OciLayout.read(path)) {
            assertThat(source.resolve("latest")).isEqualTo(root);
            assertThat(source.resolve("example.com/app:1")).isEqualTo(root);
            assertThat(source.resolve("")).isEqualTo(root);
            for (Digest digest : images.content.keySet()) {
                byte[] bytes = images.content.get(digest);
                assertThat(Contents.bytes(source, new Descriptor("a/b", digest, bytes.length, List.of(), java.util.Map.of(), null,
                                null, null, java.util.Map.of()), 1 << 20))
                        .isEqualTo(bytes);
            }
            assertThatThrownBy(() -> source.resolve("other"))
                    .hasMessageContaining("has no image 'other'; it has example.com/app:1, latest");
            assertThatThrownBy(() -> source.open(Descriptor.of("a/b", new byte[7]))).isInstanceOf(NoSuchFileException.class);
        }
    }

    @Test
    void an_archive_of_the_same_images_has_the_same_bytes_and_names_of_nobody() throws IOException {
        Descriptor root = images.image("amd64", 10, 20);
        byte[] first = Files.readAllBytes(write(true, root, "a"));
        assertThat(Files.readAllBytes(write(true, root, "a"))).isEqualTo(first);
        assertThat(new String(first, StandardCharsets.ISO_8859_1)).doesNotContain(System.getProperty("user.name") + "\0");
    }

    @Test
    void a_name_moves_and_the_others_stay() throws IOException {
        Descriptor one = images.image("amd64", 1);
        Descriptor two = images.image("amd64", 2, 2);
        Path path = write(false, one, "a", "b", "x.y/z:a");
        write(false, two, "a");
        write(false, two);
        try (ImageSource source = OciLayout.read(path)) {
            assertThat(source.resolve("a")).isEqualTo(two);
            assertThat(source.resolve("b")).isEqualTo(one);
            assertThat(source.resolve("x.y/z:a")).isEqualTo(one);
            assertThatThrownBy(() -> source.resolve("")).hasMessageContaining("has 2 images ''; it has a, b, x.y/z:a");
        }
        assertThat(OciLayout.images(path)).hasSize(3);
    }

    @Test
    void several_writers_lose_no_name() throws Exception {
        Descriptor root = images.image("amd64", 100);
        Path path = write(false, root, "first");
        List<Future<?>> futures = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 20; i++) {
                String name = "name" + i;
                futures.add(threads.submit(() -> write(false, root, name)));
            }
            for (Future<?> future : futures) {
                future.get();
            }
        } catch (ExecutionException e) {
            throw new AssertionError(e);
        }
        assertThat(OciLayout.names(path)).hasSize(21);
        assertThat(files(path)).hasSize(5);
        nothingOfOurs(path);
    }

    private static void nothingOfOurs(Path path) throws IOException {
        assertThat(files(path)).noneMatch(file -> file.getFileName().toString().startsWith(".dolium"));
    }

    /// Gives the document of a layout names, for a JVM of its own: the layout, the start of the names, how many.
    static final class NamingMain {
        public static void main(String[] arguments) throws IOException {
            Path path = Path.of(arguments[0]);
            Descriptor root = OciLayout.images(path).getFirst();
            for (int i = 0; i < Integer.parseInt(arguments[2]); i++) {
                try (ImageSink sink = OciLayout.write(path)) {
                    sink.publish(root, List.of(arguments[1] + i));
                }
            }
        }
    }

    @Test
    void writers_in_several_jvms_lose_no_name_and_leave_nothing_behind() throws Exception {
        Path path = write(false, images.image("amd64", 100), "first");
        List<Process> writers = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            List<String> command = new ArrayList<>(QuickJvm.command());
            command.addAll(List.of(
                    "-cp", System.getProperty("java.class.path"), NamingMain.class.getName(), path.toString(), name, "25"));
            writers.add(new ProcessBuilder(command).redirectErrorStream(true).start());
        }
        for (Process writer : writers) {
            writer.getOutputStream().close();
            String output = new String(writer.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(writer.waitFor()).as(output).isZero();
        }
        assertThat(OciLayout.names(path)).hasSize(76);
        assertThat(files(path)).hasSize(5);
        nothingOfOurs(path);
    }

    @Test
    void what_a_killed_writer_left_goes_away_after_a_day() throws IOException {
        Path path = write(false, images.image("amd64", 100), "first");
        Path old = Files.writeString(path.resolve(".dolium-part-old"), "x");
        Path young = Files.writeString(path.resolve(".dolium-part-young"), "x");
        Files.writeString(path.resolve(".dolium-lock"), "");
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(25))));
        OciLayout.write(path).close();
        assertThat(old).doesNotExist();
        assertThat(young).exists();
        assertThat(path.resolve(".dolium-lock")).doesNotExist();
    }

    @Test
    void what_is_there_is_not_read_again() throws IOException {
        Descriptor root = images.image("amd64", 100, 200);
        write(false, root, "a");
        images.opened.clear();
        write(false, root, "b");
        assertThat(images.opened).containsExactly(root.digest());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void R_04_wrong_content_is_never_there(boolean archive) throws IOException {
        Descriptor root = images.image("amd64", 100_000);
        for (Digest digest : List.copyOf(images.content.keySet())) {
            byte[] right = images.content.get(digest);
            byte[] wrong = right.clone();
            wrong[wrong.length / 2]++;
            images.content.put(digest, wrong);
            assertThatThrownBy(() -> write(archive, root, "a")).isInstanceOf(WrongContentException.class);
            assertThat(directory.resolve("layout/blobs/sha256/" + digest.hex())).doesNotExist();
            assertThat(directory.resolve("image.tar")).doesNotExist();
            assertThat(files(directory)).noneMatch(file -> file.getFileName().toString().matches("\\.dolium-.*-.*"));
            images.content.put(digest, right);
        }
        write(archive, root, "a");
    }

    @Test
    void R_04_an_archive_with_wrong_content_can_not_be_finished() throws IOException {
        Descriptor root = images.image("amd64", 100_000);
        Digest layer = images.content.keySet().stream().filter(digest -> images.content.get(digest).length == 100_000).findAny().orElseThrow();
        images.content.get(layer)[5]++;
        try (ImageSink sink = OciLayout.writeArchive(directory.resolve("image.tar"))) {
            assertThatThrownBy(() -> ImageCopy.copy(images, root, sink, List.of("a"))).isInstanceOf(WrongContentException.class);
            assertThatThrownBy(sink::finish).hasMessageContaining("can't be finished");
        }
        assertThat(files(directory)).isEmpty();
    }

    @Test
    void R_06_indexes_in_indexes_are_limited() throws IOException {
        Descriptor three = images.index(images.index(images.index(images.image("amd64", 1))));
        write(false, three, "three");
        assertThatThrownBy(() -> write(false, images.index(three), "four")).hasMessageContaining("in more than 3 indexes");
    }

    /// A directory that somebody else made: links and other things that are no files, at each place.
    @Test
    void R_18_no_link_of_a_layout_is_followed() throws Exception {
        Descriptor root = images.image("amd64", 50);
        Path path = write(false, root, "a");
        Path elsewhere = directory.resolve("elsewhere");
        for (String name : List.of("oci-layout", "index.json", "blobs", "blobs/sha256", "blobs/sha256/" + root.digest().hex())) {
            Path file = path.resolve(name);
            Files.move(file, elsewhere);
            Files.createSymbolicLink(file, elsewhere);
            assertRefused(path, root);
            Files.delete(file);
            if (Files.isRegularFile(elsewhere)) {
                new ProcessBuilder(MustRun.program("mkfifo"), file.toString()).inheritIO().start().waitFor();
                assertRefused(path, root);
                Files.delete(file);
                Files.createDirectory(file);
                assertRefused(path, root);
                Files.delete(file);
            }
            Files.move(elsewhere, file);
        }
        read(path, root);
    }

    /// The same through a reader that opens names: the link is followed.
    @Test
    void R_18_without_the_control_a_link_is_followed() throws IOException {
        Descriptor root = images.image("amd64", 50);
        Path path = write(false, root, "a");
        Path elsewhere = directory.resolve("elsewhere");
        Files.move(path.resolve("blobs"), elsewhere);
        Files.createSymbolicLink(path.resolve("blobs"), elsewhere);
        assertThat(Files.readAllBytes(path.resolve(LayoutSource.path(root.digest())))).isEqualTo(images.content.get(root.digest()));
    }

    private static void assertRefused(Path path, Descriptor root) {
        assertThatThrownBy(() -> read(path, root)).isInstanceOf(IOException.class).hasMessageContaining("is no ");
    }

    private static void read(Path path, Descriptor root) throws IOException {
        try (ImageSource source = OciLayout.read(path)) {
            assertThat(source.resolve("a")).isEqualTo(root);
            Contents.document(source, root);
        }
    }

    @Test
    void a_directory_without_a_layout_is_none() throws IOException {
        assertThatThrownBy(() -> OciLayout.read(directory)).hasMessageContaining("is no layout of images");
        Files.writeString(directory.resolve("oci-layout"), "{\"imageLayoutVersion\":\"2.0.0\"}");
        assertThatThrownBy(() -> OciLayout.read(directory)).hasMessageContaining("$.imageLayoutVersion is '2.0.0', which is not 1.0.0");
        Files.writeString(directory.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        try (ImageSource source = OciLayout.read(directory)) {
            assertThatThrownBy(() -> source.resolve("")).hasMessageContaining("has no index.json");
        }
    }

    /// An index that somebody wrote: its names are names and nothing else.
    @Test
    void R_08_names_in_a_layout_name_nothing_elsewhere() throws IOException {
        Descriptor evil = images.image("amd64", 3);
        Path from = write(false, evil, "docker.io/library/nginx:latest");
        Path to = directory.resolve("mine");
        Descriptor mine = images.image("amd64", 4, 4);
        try (ImageSink sink = OciLayout.write(to)) {
            ImageCopy.copy(images, mine, sink, List.of("nginx:latest"));
            try (ImageSource source = OciLayout.read(from)) {
                ImageCopy.copy(source, source.resolve(""), sink, List.of("imported"));
            }
        }
        try (ImageSource source = OciLayout.read(to)) {
            assertThat(source.resolve("docker.io/library/nginx:latest")).isEqualTo(mine);
            assertThat(source.resolve("imported")).isEqualTo(evil);
            assertThat(OciLayout.names(to)).containsExactly("docker.io/library/nginx:latest", "imported");
        }
    }

    @Test
    void other_members_of_an_index_are_kept() throws IOException {
        Descriptor root = images.image("amd64", 3);
        Path path = write(false, root, "a");
        String json = Files.readString(path.resolve("index.json"));
        Files.writeString(path.resolve("index.json"), json.replaceFirst("\\{", "{\"other\":[1],\"annotations\":{\"k\":\"v\"},"));
        write(false, images.image("arm64", 9), "b");
        assertThat(Files.readString(path.resolve("index.json"))).contains("\"other\":[1]", "\"k\":\"v\"", MediaTypes.OCI_MANIFEST);
    }
}
