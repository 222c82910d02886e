// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.dolium.testing.MustRun;

/// The registry that the distribution project writes, on a port of this machine. Empty at first.
public final class LocalRegistry implements Closeable {
    /// `me` with the password `s3cret`, by bcrypt.
    private static final String PASSWORDS = "me:$2y$05$abcdefghijklmnopqrstuuLK7U1u6pVRmL7L1BBM2aS35PSZnDXlK\n";

    private final Process process;
    private final int port;

    private LocalRegistry(Path work, String more) throws IOException, InterruptedException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Path config = Files.writeString(work.resolve("config.yml"), """
                version: 0.1
                log: {level: error}
                storage: {filesystem: {rootdirectory: %s/data}}
                http: {addr: "127.0.0.1:%d", secret: x}
                """.formatted(work, port) + more);
        process = new ProcessBuilder(MustRun.program("docker-registry"), "serve", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(work.resolve("log").toFile())
                .start();
        for (int i = 0; i < 600 && process.isAlive() && !isOpen(); i++) {
            Thread.sleep(100);
        }
        assertThat(process.isAlive()).as(Files.readString(work.resolve("log"))).isTrue();
    }

    /// For everybody.
    ///
    /// @param work a directory for its files
    public static LocalRegistry open(Path work) throws IOException, InterruptedException {
        return new LocalRegistry(Files.createDirectories(work), "");
    }

    /// For `me`, whose password is `s3cret`.
    static LocalRegistry withPassword(Path work) throws IOException, InterruptedException {
        Path passwords = Files.writeString(Files.createDirectories(work).resolve("passwords"), PASSWORDS);
        return new LocalRegistry(work, "auth: {htpasswd: {realm: x, path: %s}}\n".formatted(passwords));
    }

    /// Lets skopeo write the image of a layout there.
    ///
    /// @param options more options of `skopeo copy`
    public void put(Path layout, String name, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(MustRun.program("skopeo"), "copy", "-q", "--insecure-policy", "--dest-tls-verify=false"));
        command.addAll(List.of(options));
        command.addAll(List.of("oci:" + layout + ":tiny", "docker://" + name));
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    private boolean isOpen() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    public String host() {
        return "127.0.0.1:" + port;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
        }
    }
}
