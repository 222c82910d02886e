// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.dolium.testing.DockerRegistry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Mirrors, certificates and proxies of the command line, with the registry that the distribution project writes.
@Timeout(120)
class RegistryOptionsTest {
    @TempDir
    Path directory;

    private Path home;
    private Path layout;

    @BeforeEach
    void make() throws Exception {
        home = Files.createDirectory(directory.resolve("home"));
        layout = ImageFiles.layout(directory, ImageFiles.architecture(), "'Cmd':['echo','pulled']");
    }

    private DockerRegistry registry(String work) throws Exception {
        DockerRegistry registry = DockerRegistry.empty(directory.resolve(work));
        registry.put(layout, registry.host() + "/a/tiny:1");
        return registry;
    }

    private String[] line(String command, String... arguments) {
        List<String> line = new ArrayList<>(List.of(command, "--store", directory.resolve("store").toString()));
        line.addAll(List.of(arguments));
        return line.toArray(new String[0]);
    }

    private CommandLineRun dolium(Map<String, String> environment, String... line) throws Exception {
        return CommandLineRun.of(home, environment, line);
    }

    private static void assertPulled(CommandLineRun run, String name) {
        assertThat(run).isEqualTo(new CommandLineRun(0, name + "\n", ""));
    }

    @Test
    void a_mirror_gives_content_and_the_registry_says_what_a_tag_stands_for() throws Exception {
        try (DockerRegistry registry = registry("registry"); DockerRegistry mirror = registry("mirror")) {
            String name = registry.host() + "/a/tiny:1";
            try (Stream<Path> files = Files.walk(directory.resolve("registry/data/docker/registry/v2/blobs"))) {
                for (Path file : files.filter(file -> file.toFile().length() > 100_000).toList()) {
                    Files.delete(file); // the layer
                }
            }
            assertThat(CommandLineRun.here(line("pull", "-q", name)).status()).isEqualTo(125);
            assertPulled(CommandLineRun.here(line("pull", "-q", "--registry-mirror", registry.host() + "=" + mirror.host(), name)), name);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"%s", "http://%s/", "registry.invalid=%s"})
    void a_mirror_that_is_believed_about_tags_stands_in_for_the_registry(String text) throws Exception {
        try (DockerRegistry mirror = registry("mirror")) {
            String given = text.formatted(mirror.host());
            String name = text.contains("=") ? "registry.invalid/a/tiny:1" : "docker.io/a/tiny:1";
            assertPulled(CommandLineRun.here(line("pull", "-q", "--mirror-tags", "--registry-mirror", given, name)), name);
            String store = directory.resolve("other").toString();
            assertThat(CommandLineRun.output("--store", store, "--mirror-tags", "--registry-mirror", given, name)).isEqualTo("pulled\n");
        }
    }

    @Test
    void a_mirror_that_is_no_name_of_a_registry_is_named() {
        assertThat(CommandLineRun.here(line("pull", "--registry-mirror", "ftp://mirror", "x:1")).err())
                .startsWith("dolium: --registry-mirror 'ftp://mirror': ");
    }

    @Test
    void certificates_are_where_docker_has_them() throws Exception {
        registry("registry").close();
        Path keys = directory.resolve("keys");
        try (DockerRegistry registry = DockerRegistry.withCertificates(keys, directory.resolve("registry/data"))) {
            String name = registry.host() + "/a/tiny:1";
            String[] line = line("pull", "-q", name);
            assertThat(dolium(Map.of(), line).status()).isEqualTo(125);
            Path own = Files.createDirectories(home.resolve(".config/docker/certs.d/" + registry.host()));
            Files.copy(keys.resolve("ca.crt"), own.resolve("ca.crt"));
            assertThat(dolium(Map.of(), line).status()).isEqualTo(125);
            Files.copy(keys.resolve("client.cert"), own.resolve("client.cert"));
            assertThat(dolium(Map.of(), line)).isEqualTo(new CommandLineRun(125, "", "dolium: '" + own.resolve("client.cert")
                    + "' is a certificate that has no key; authorities are in *.crt\n"));
            Files.copy(keys.resolve("client.key"), own.resolve("client.key"));
            assertPulled(dolium(Map.of(), line), name);
            assertThat(dolium(Map.of(), line("push", name)).out()).contains(": Layer already exists\n");
            assertThat(dolium(Map.of("XDG_CONFIG_HOME", home.resolve("other").toString()), line).status()).isEqualTo(125);
        }
    }

    /// The registry is the proxy: it takes requests for whatever host.
    @Test
    void proxies_are_those_of_the_environment() throws Exception {
        try (DockerRegistry registry = registry("registry")) {
            String name = "registry.invalid/a/tiny:1";
            String[] line = line("pull", "-q", "--insecure-registry", "registry.invalid", name);
            assertThat(dolium(Map.of("https_proxy", "http://" + registry.host()), line).status()).isEqualTo(125);
            assertPulled(dolium(Map.of("http_proxy", registry.host(), "NO_PROXY", "other.invalid"), line), name);
            assertThat(dolium(Map.of("HTTP_PROXY", registry.host(), "NO_PROXY", "a,.invalid"), line).status()).isEqualTo(125);
            String here = registry.host() + "/a/tiny:1"; // which no proxy is asked for
            assertPulled(dolium(Map.of("HTTP_PROXY", "http://127.0.0.1:1"), line("pull", "-q", here)), here);
            assertThat(dolium(Map.of("HTTPS_PROXY", "socks5://me:s3cret@127.0.0.1:1"), line)).isEqualTo(
                    new CommandLineRun(125, "", "dolium: HTTPS_PROXY: the proxy is no http://[user:password@]host[:port]\n"));
        }
    }
}
