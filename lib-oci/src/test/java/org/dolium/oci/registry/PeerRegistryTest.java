// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.dolium.oci.blob.Contents;
import org.dolium.oci.blob.ImageCopy;
import org.dolium.oci.blob.ImageSink;
import org.dolium.oci.blob.TestImage;
import org.dolium.oci.image.Descriptor;
import org.dolium.oci.image.Digest;
import org.dolium.oci.image.ImageReference;
import org.dolium.oci.image.Manifest;
import org.dolium.oci.layout.OciLayout;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// With the registry that the distribution project writes, and skopeo.
class PeerRegistryTest {
    /// `me` with the password `s3cret`, by bcrypt.
    private static final String PASSWORDS = "me:$2y$05$abcdefghijklmnopqrstuuLK7U1u6pVRmL7L1BBM2aS35PSZnDXlK\n";

    @TempDir
    Path directory;

    private final TestImage images = new TestImage();
    private final Descriptor root = images.index(images.image("amd64", 10, 3_000_000), images.image("arm64", 0, 5));
    private Process registry;
    private int port;

    private void start(boolean password) throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Files.writeString(directory.resolve("passwords"), PASSWORDS);
        Path config = Files.writeString(directory.resolve("config.yml"), """
                version: 0.1
                log: {level: error}
                storage: {filesystem: {rootdirectory: %1$s/data}}
                http: {addr: "127.0.0.1:%2$d", secret: x}
                """.formatted(directory, port)
                + (password ? "auth: {htpasswd: {realm: x, path: %s/passwords}}\n".formatted(directory) : ""));
        registry = new ProcessBuilder(MustRun.program("docker-registry"), "serve", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        for (int i = 0; i < 300 && !isOpen(); i++) {
            Thread.sleep(100);
        }
        assertThat(registry.isAlive()).as(Files.readString(directory.resolve("log"))).isTrue();
    }

    private boolean isOpen() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (registry != null) {
            registry.destroy();
            assertThat(registry.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static RegistryClient.Builder builder() {
        return RegistryClient.builder().tries(2, Duration.ofMillis(100));
    }

    private Repository repository(RegistryClient client, String name) {
        return client.repository(ImageReference.parse("127.0.0.1:" + port + "/" + name));
    }

    private void skopeo(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(MustRun.program("skopeo"), "copy", "--insecure-policy"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1 << 20})
    void what_is_pushed_is_pulled_byte_for_byte(int chunk) throws Exception {
        start(false);
        try (RegistryClient client = builder().uploadChunks(chunk).build();
                Repository repository = repository(client, "a/b");
                ImageSink layout = OciLayout.write(directory.resolve("layout"))) {
            ImageCopy.copy(images, root, repository, List.of("one", "two"));
            assertThat(repository.tags()).containsExactlyInAnyOrder("one", "two");
            assertThat(repository.referrers(root.digest()).manifests()).isEmpty();
            assertThat(repository.has(root)).isTrue();
            assertThat(repository.resolve("one")).isEqualTo(root);
            Repository again = repository(client, "a/b");
            ImageCopy.copy(again, again.resolve("two"), layout, List.of("two"));
        }
        for (Digest digest : images.content.keySet()) {
            assertThat(directory.resolve("layout/blobs/sha256/" + digest.hex())).hasBinaryContent(images.content.get(digest));
        }
    }

    @Test
    void blobs_are_mounted_from_another_repository() throws Exception {
        start(false);
        try (RegistryClient client = builder().build()) {
            ImageCopy.copy(images, root, repository(client, "base"), List.of("one"));
            Repository other = repository(client, "other");
            other.mountFrom("base");
            images.opened.clear();
            ImageCopy.copy(images, root, other, List.of("one"));
            assertThat(images.opened).hasSize(3); // the index and the two manifests
            assertThat(other.resolve("one")).isEqualTo(root);
        }
    }

    @Test
    void a_password_is_asked_for() throws Exception {
        start(true);
        try (RegistryClient client = builder().build()) {
            assertThatThrownBy(() -> repository(client, "x").resolve("one"))
                    .isInstanceOfSatisfying(RegistryException.class, e -> assertThat(e.status()).isEqualTo(401));
        }
        try (RegistryClient client = builder().credentials(host -> Optional.of(Credentials.of("me", "wrong"))).build()) {
            assertThatThrownBy(() -> ImageCopy.copy(images, root, repository(client, "x"), List.of("one")))
                    .isInstanceOf(RegistryException.class)
                    .hasMessageContaining("401")
                    .hasMessageNotContaining("wrong");
        }
        try (RegistryClient client = builder().credentials(host -> Optional.of(Credentials.of("me", "s3cret"))).build()) {
            ImageCopy.copy(images, root, repository(client, "x"), List.of("one"));
            assertThat(repository(client, "x").resolve("one")).isEqualTo(root);
        }
    }

    @Test
    void skopeo_reads_what_we_push_and_we_read_what_it_pushes() throws Exception {
        start(false);
        Descriptor image = images.image("amd64", 1000);
        try (RegistryClient client = builder().build()) {
            ImageCopy.copy(images, image, repository(client, "ours"), List.of("one"));
            skopeo("--src-tls-verify=false", "--preserve-digests", "docker://127.0.0.1:" + port + "/ours:one",
                    "oci:" + directory.resolve("copy") + ":a");
            assertThat(OciLayout.images(directory.resolve("copy"))).extracting(Descriptor::digest).containsExactly(image.digest());
            skopeo("--dest-tls-verify=false", "--preserve-digests", "oci:" + directory.resolve("copy") + ":a",
                    "docker://127.0.0.1:" + port + "/theirs:two");
            Repository theirs = repository(client, "theirs");
            assertThat(theirs.resolve("two").digest()).isEqualTo(image.digest());
            skopeo("--dest-tls-verify=false", "--format", "v2s2", "oci:" + directory.resolve("copy") + ":a",
                    "docker://127.0.0.1:" + port + "/theirs:docker");
            Manifest docker = (Manifest) Contents.document(theirs, theirs.resolve("docker"));
            assertThat(docker.type()).isEqualTo("application/vnd.docker.distribution.manifest.v2+json");
            Contents.config(theirs, docker).checkLayers(docker);
            for (Descriptor part : docker.parts()) {
                Contents.bytes(theirs, part, 1 << 20);
            }
        }
    }
}
