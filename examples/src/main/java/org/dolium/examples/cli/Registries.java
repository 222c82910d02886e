// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dolium.oci.registry.DockerConfig;
import org.dolium.oci.registry.RegistryClient;

/// How the command line asks registries: with the passwords that Docker has.
final class Registries {
    private static final List<Path> HELPERS = List.of(Path.of("/usr/local/bin"), Path.of("/usr/bin"), Path.of("/bin"));

    private Registries() {}

    /// @param insecure those that are asked without TLS
    static RegistryClient client(List<String> insecure) throws IOException {
        RegistryClient.Builder builder = RegistryClient.builder();
        Path docker = configuration();
        if (Files.isRegularFile(docker)) {
            builder.credentials(DockerConfig.read(docker, HELPERS));
        }
        insecure.forEach(builder::withoutTls);
        return builder.build();
    }

    /// Where Docker's own command line looks.
    private static Path configuration() {
        String directory = System.getenv("DOCKER_CONFIG");
        return directory == null || directory.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".docker", "config.json")
                : Path.of(directory, "config.json");
    }
}
