// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.dolium.testing.MustRun;

/// The registry that the distribution project writes, on a port of this machine.
final class DockerRegistry implements Closeable {
    /// `me` with the password `s3cret`, by bcrypt.
    private static final String PASSWORDS = "me:$2y$05$abcdefghijklmnopqrstuuLK7U1u6pVRmL7L1BBM2aS35PSZnDXlK\n";

    private final Process process;
    private final int port;

    /// @param work a directory for its files
    /// @param data what it keeps
    /// @param more lines of its configuration
    private DockerRegistry(Path work, Path data, boolean readOnly, String more) throws IOException, InterruptedException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        String tls = Files.exists(work.resolve("server.crt"))
                ? ", tls: {certificate: %1$s/server.crt, key: %1$s/server.key}".formatted(work)
                : "";
        String maintenance = readOnly ? ", maintenance: {readonly: {enabled: true}, uploadpurging: {enabled: false}}" : "";
        Path config = Files.writeString(work.resolve("config.yml"), """
                version: 0.1
                log: {level: error}
                storage: {filesystem: {rootdirectory: %s}%s}
                http: {addr: "127.0.0.1:%d", secret: x%s}
                """.formatted(data, maintenance, port, tls) + more);
        process = new ProcessBuilder(MustRun.program("docker-registry"), "serve", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(work.resolve("log").toFile())
                .start();
        for (int i = 0; i < 600 && process.isAlive() && !isOpen(); i++) {
            Thread.sleep(100);
        }
        assertThat(process.isAlive()).as(Files.readString(work.resolve("log"))).isTrue();
    }

    /// An empty one, for everybody.
    static DockerRegistry empty(Path work) throws IOException, InterruptedException {
        return new DockerRegistry(work, work.resolve("data"), false, "");
    }

    /// With what is there, for everybody.
    static DockerRegistry open(Path work, Path data) throws IOException, InterruptedException {
        return new DockerRegistry(work, data, true, "");
    }

    /// With what is there, for who knows the password, and with TLS by the authority in `ca.crt` of the directory.
    static DockerRegistry closed(Path work, Path data) throws Exception {
        Path passwords = Files.writeString(work.resolve("passwords"), PASSWORDS);
        certificates(work);
        return new DockerRegistry(work, data, true, "auth: {htpasswd: {realm: x, path: %s}}\n".formatted(passwords));
    }

    private static void certificates(Path work) throws Exception {
        Path extensions = Files.writeString(work.resolve("ext"), "subjectAltName=IP:127.0.0.1\n");
        Programs.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=authority",
                "-days", "2", "-keyout", work.resolve("ca.key"), "-out", work.resolve("ca.crt"));
        Programs.run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=registry", "-keyout", work.resolve("server.key"),
                "-out", work.resolve("server.csr"));
        Programs.run("openssl", "x509", "-req", "-in", work.resolve("server.csr"), "-CA", work.resolve("ca.crt"), "-CAkey",
                work.resolve("ca.key"), "-CAcreateserial", "-days", "2", "-extfile", extensions, "-out", work.resolve("server.crt"));
    }

    private boolean isOpen() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    String host() {
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
