// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.dolium.oci.json.JsonFormat;
import org.dolium.oci.json.JsonPlace;
import org.dolium.oci.registry.Credentials.Kind;
import org.jspecify.annotations.Nullable;

/// Docker's `config.json`: passwords in the file, or programs that keep them.
public final class DockerConfig implements CredentialSource {
    private static final int LIMIT = 1 << 20;
    private static final int MOST = 10_000;
    private static final String DOCKER_HUB = "https://index.docker.io/v1/";
    private static final JsonFormat FORMAT = new JsonFormat("Docker's configuration", 64, 4096, LIMIT, 200_000);

    private final JsonPlace root;
    private final List<Path> programs;

    private DockerConfig(JsonPlace root, List<Path> programs) {
        this.root = root;
        this.programs = programs;
    }

    /// Reads a file.
    ///
    /// @param file usually `config.json` in `.docker` of the home directory
    /// @param programs the absolute directories in which programs that keep passwords are looked for
    /// @throws IOException if it can't be read or is no configuration of Docker
    public static DockerConfig read(Path file, List<Path> programs) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(LIMIT + 1);
        }
        for (Path directory : programs) {
            if (!directory.isAbsolute()) {
                throw new IllegalArgumentException("'" + directory + "' is not absolute");
            }
        }
        try {
            return new DockerConfig(FORMAT.parse(bytes, LIMIT).object(), List.copyOf(programs));
        } catch (IllegalArgumentException e) {
            throw new IOException("'" + file + "': " + e.getMessage(), e);
        }
    }

    /// Looks as Docker does: a program for this registry, the program for all, the file.
    @Override
    public Optional<Credentials> find(String registry) throws IOException {
        String server = registry.equals("docker.io") ? DOCKER_HUB : registry;
        try {
            String helper = root.textMap("credHelpers", MOST).get(server.equals(DOCKER_HUB) ? "docker.io" : server);
            if (helper == null) {
                helper = root.textMap("credHelpers", MOST).get(server);
            }
            if (helper == null) {
                helper = root.findText("credsStore");
            }
            if (helper != null && !helper.isEmpty()) {
                return CredentialHelper.ask(helper, programs, server);
            }
            return inFile(server);
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private Optional<Credentials> inFile(String server) {
        for (Map.Entry<String, JsonPlace> entry : root.members("auths", MOST).entrySet()) {
            if (entry.getKey().equals(server) || host(entry.getKey()).equals(host(server))) {
                return Optional.ofNullable(credentials(entry.getValue().object()));
            }
        }
        return Optional.empty();
    }

    /// Keys are hosts, or addresses as `https://host/v1/`.
    private static String host(String key) {
        String rest = key.startsWith("https://") ? key.substring(8) : key.startsWith("http://") ? key.substring(7) : key;
        int slash = rest.indexOf('/');
        return slash < 0 ? rest : rest.substring(0, slash);
    }

    private static @Nullable Credentials credentials(JsonPlace entry) {
        String token = entry.findText("registrytoken");
        if (token != null && !token.isEmpty()) {
            return new Credentials("", token, Kind.BEARER_TOKEN);
        }
        String identity = entry.findText("identitytoken");
        if (identity != null && !identity.isEmpty()) {
            return new Credentials("", identity, Kind.IDENTITY_TOKEN);
        }
        String auth = entry.findText("auth");
        if (auth != null && !auth.isEmpty()) {
            return decoded(entry, auth);
        }
        String user = entry.findText("username");
        String password = entry.findText("password");
        return user == null || password == null ? null : Credentials.of(user, password);
    }

    private static Credentials decoded(JsonPlace entry, String auth) {
        String pair;
        try {
            pair = new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw entry.error("has an 'auth' that is not Base64");
        }
        int colon = pair.indexOf(':');
        if (colon < 0) {
            throw entry.error("has an 'auth' without a colon");
        }
        String password = pair.substring(colon + 1);
        while (password.endsWith("\0")) {
            password = password.substring(0, password.length() - 1);
        }
        return Credentials.of(pair.substring(0, colon), password);
    }
}
