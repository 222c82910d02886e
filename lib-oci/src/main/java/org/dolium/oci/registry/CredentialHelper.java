// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.dolium.oci.json.JsonFormat;
import org.dolium.oci.json.JsonPlace;
import org.dolium.oci.registry.Credentials.Kind;

/// A program that keeps passwords, as Docker's protocol has it: `docker-credential-NAME get` reads the name of the registry and
/// writes JSON.
final class CredentialHelper {
    private static final int LIMIT = 1 << 20;
    private static final int SECONDS = 30;
    private static final JsonFormat FORMAT = new JsonFormat("the answer of the credential helper", 16, 256, LIMIT, 1000);

    /// What keepers of passwords need to find their user's: home, session bus, display. Nothing else of our environment is theirs.
    private static final Set<String> ENVIRONMENT = Set.of(
            "HOME", "PATH", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
            "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "GNUPGHOME", "GPG_TTY", "PASSWORD_STORE_DIR");

    private CredentialHelper() {}

    static Optional<Credentials> ask(String name, List<Path> directories, String server) throws IOException {
        if (server.isEmpty() || server.chars().anyMatch(c -> c <= ' ' || c >= 0x7f)) {
            throw new IOException("'" + JsonPlace.shown(server, 100) + "' is no name of a registry");
        }
        Path program = find(name, directories);
        ProcessBuilder command = new ProcessBuilder(program.toString(), "get")
                .directory(Path.of("/").toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        command.environment().keySet().retainAll(ENVIRONMENT);
        Process process = command.start();
        try {
            return answer(process, program, server);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while '" + program + "' was asked", e);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    private static Path find(String name, List<Path> directories) throws IOException {
        boolean good = !name.isEmpty() && name.length() <= 64;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean letter = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            good &= letter || i > 0 && (c == '-' || c == '_' || c == '.');
        }
        if (!good) {
            throw new IOException("'" + JsonPlace.shown(name, 80) + "' is no name of a credential helper");
        }
        for (Path directory : directories) {
            Path program = directory.resolve("docker-credential-" + name);
            if (Files.isRegularFile(program) && Files.isExecutable(program)) {
                return program;
            }
        }
        throw new IOException("there is no program docker-credential-" + name + " in " + directories);
    }

    private static Optional<Credentials> answer(Process process, Path program, String server)
            throws IOException, InterruptedException {
        byte[][] output = {new byte[0]};
        Thread reader = Thread.ofPlatform().daemon().start(() -> output[0] = read(process.getInputStream()));
        tell(process, server);
        if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
            throw new IOException("'" + program + "' did not answer in " + SECONDS + " seconds");
        }
        reader.join(1000);
        if (process.exitValue() != 0) {
            boolean unknown = new String(output[0], StandardCharsets.UTF_8).contains("credentials not found");
            if (unknown) {
                return Optional.empty();
            }
            throw new IOException("'" + program + "' failed with status " + process.exitValue());
        }
        JsonPlace root = FORMAT.parse(output[0], LIMIT).object();
        String user = root.get("Username").text();
        String secret = root.get("Secret").text();
        return Optional.of(
                user.equals("<token>") ? new Credentials("", secret, Kind.IDENTITY_TOKEN) : Credentials.of(user, secret));
    }

    private static void tell(Process process, String server) {
        try (OutputStream in = process.getOutputStream()) {
            in.write(server.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) { // it ended without reading; what that means its status says
            return;
        }
    }

    private static byte[] read(InputStream stream) {
        try (stream) {
            return stream.readNBytes(LIMIT + 1);
        } catch (IOException e) { // the process is gone
            return new byte[0];
        }
    }
}
