// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.dolium.oci.registry.DockerConfig;
import org.dolium.oci.registry.HttpProxy;
import org.dolium.oci.registry.PemFiles;
import org.dolium.oci.registry.RegistryClient;

/// How the command line asks registries: with the passwords and certificates that Docker has, and through the proxies of the
/// environment.
final class Registries {
    private static final List<Path> HELPERS = List.of(Path.of("/usr/local/bin"), Path.of("/usr/bin"), Path.of("/bin"));
    private static final String DOCKER_HUB = "docker.io";
    /// What is never asked through a proxy, as by programs in Go.
    private static final List<String> THIS_MACHINE = List.of("localhost", "127.0.0.0/8", "::1");

    private final RegistryClient.Builder builder = RegistryClient.builder();
    private final Map<String, String> environment;
    private final Path home;

    /// @param environment variables, of which those of Docker and of proxies are read
    /// @param home this user's directory
    Registries(Map<String, String> environment, Path home) {
        this.environment = environment;
        this.home = home;
    }

    /// Those of this user.
    static Registries here() {
        return new Registries(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    /// Lets these be asked without TLS.
    Registries insecure(List<String> registries) {
        registries.forEach(builder::withoutTls);
        return this;
    }

    /// Reads content first from a mirror.
    ///
    /// @param text `[REGISTRY=]HOST[:PORT]`, of Docker Hub if it says nothing else; also as an address, as Docker has it
    /// @param tags whether it is believed about tags
    Registries mirror(String text, boolean tags) throws IOException {
        int equals = text.indexOf('=');
        String of = equals < 0 ? DOCKER_HUB : text.substring(0, equals);
        String address = text.substring(equals + 1);
        boolean plain = address.startsWith("http://");
        String place = address.replaceFirst("^https?://", "").replaceFirst("/$", "");
        String host = place.replaceFirst("/.*", "");
        try {
            if (tags) {
                builder.mirrorWithTags(of, place);
            } else {
                builder.mirror(of, place);
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--registry-mirror '" + text + "': " + e.getMessage(), e);
        }
        if (plain) {
            builder.withoutTls(host);
        }
        certificates(host);
        return this;
    }

    /// @param registry the one that is asked
    RegistryClient client(String registry) throws IOException {
        String directory = environment.getOrDefault("DOCKER_CONFIG", "");
        Path docker = (directory.isEmpty() ? home.resolve(".docker") : Path.of(directory)).resolve("config.json");
        if (Files.isRegularFile(docker)) {
            builder.credentials(DockerConfig.read(docker, HELPERS));
        }
        certificates(registry);
        proxies();
        return builder.build();
    }

    /// Where Docker looks, with and without root.
    private void certificates(String registry) throws IOException {
        String configuration = environment.getOrDefault("XDG_CONFIG_HOME", "");
        Path own = configuration.isEmpty() ? home.resolve(".config") : Path.of(configuration);
        for (Path directory : List.of(own.resolve("docker/certs.d"), Path.of("/etc/docker/certs.d"))) {
            if (Files.isDirectory(directory.resolve(registry))) {
                Optional<SSLContext> context = PemFiles.directory(directory.resolve(registry));
                if (context.isPresent()) {
                    builder.trust(registry, context.get()).withTls(registry);
                    return;
                }
            }
        }
    }

    private void proxies() {
        List<String> except = new ArrayList<>(THIS_MACHINE);
        except.addAll(List.of(variable("NO_PROXY").split(",")));
        for (String scheme : List.of("https", "http")) {
            String name = scheme.toUpperCase(Locale.ROOT) + "_PROXY";
            String proxy = variable(name);
            if (!proxy.isEmpty()) {
                builder.proxy(scheme, parsed(name, proxy, except));
            }
        }
    }

    private static HttpProxy parsed(String name, String proxy, List<String> except) {
        try {
            return HttpProxy.parse(proxy, except);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
        }
    }

    /// In capitals or not, as programs differ.
    private String variable(String name) {
        String value = environment.getOrDefault(name, "");
        return value.isEmpty() ? environment.getOrDefault(name.toLowerCase(Locale.ROOT), "") : value;
    }
}
