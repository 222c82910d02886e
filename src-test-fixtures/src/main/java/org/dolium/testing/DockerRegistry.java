// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The registry that the distribution project writes, on a port of this machine.
public final class DockerRegistry implements Closeable {
    /// `me` with the password `s3cret`, by bcrypt.
    private static final String PASSWORDS = "me:$2y$05$abcdefghijklmnopqrstuuLK7U1u6pVRmL7L1BBM2aS35PSZnDXlK\n";

    private final Process process;
    private final int port;

    /// @param work a directory for its files
    /// @param data what it keeps
    /// @param tls lines of its configuration, below `http`
    /// @param more further lines
    private DockerRegistry(Path work, Path data, boolean readOnly, String tls, String more) throws IOException, InterruptedException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        String maintenance = readOnly ? ", maintenance: {readonly: {enabled: true}, uploadpurging: {enabled: false}}" : "";
        Path config = Files.writeString(Files.createDirectories(work).resolve("config.yml"), """
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
    ///
    /// @param work a directory for its files, of which `data` has what it keeps
    public static DockerRegistry empty(Path work) throws IOException, InterruptedException {
        return new DockerRegistry(work, work.resolve("data"), false, "", "");
    }

    /// An empty one, for `me`, whose password is `s3cret`.
    public static DockerRegistry withPassword(Path work) throws IOException, InterruptedException {
        return new DockerRegistry(work, work.resolve("data"), false, "", password(work));
    }

    /// With what is there, for everybody.
    public static DockerRegistry open(Path work, Path data) throws IOException, InterruptedException {
        return new DockerRegistry(work, data, true, "", "");
    }

    /// With what is there, for who knows the password, and with TLS by the authority in `ca.crt` of the directory.
    public static DockerRegistry closed(Path work, Path data) throws IOException, InterruptedException {
        return new DockerRegistry(work, data, true, tls(work), password(work));
    }

    /// With what is there and TLS, for who has the certificate in `client.cert` and `client.key` of the directory.
    public static DockerRegistry withCertificates(Path work, Path data) throws IOException, InterruptedException {
        String tls = tls(work);
        signed(work, "client", "client.cert");
        return new DockerRegistry(work, data, true, tls.replace("}", ", clientcas: [" + work.resolve("ca.crt") + "]}"), "");
    }

    private static String password(Path work) throws IOException {
        Path passwords = Files.writeString(Files.createDirectories(work).resolve("passwords"), PASSWORDS);
        return "auth: {htpasswd: {realm: x, path: %s}}\n".formatted(passwords);
    }

    private static String tls(Path work) throws IOException, InterruptedException {
        Files.createDirectories(work);
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=authority", "-days",
                "2", "-keyout", work.resolve("ca.key"), "-out", work.resolve("ca.crt"));
        signed(work, "server", "server.crt");
        return ", tls: {certificate: %1$s/server.crt, key: %1$s/server.key}".formatted(work);
    }

    private static void signed(Path work, String name, String certificate) throws IOException, InterruptedException {
        Path extensions = Files.writeString(work.resolve("ext"), "subjectAltName=IP:127.0.0.1\n");
        Path request = work.resolve(name + ".csr");
        run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=" + name, "-keyout", work.resolve(name + ".key"), "-out", request);
        run("openssl", "x509", "-req", "-in", request, "-CA", work.resolve("ca.crt"), "-CAkey", work.resolve("ca.key"), "-CAcreateserial",
                "-days", "2", "-extfile", extensions, "-out", work.resolve(certificate));
    }

    /// Lets skopeo write the image `tiny` of a layout there.
    ///
    /// @param options more options of `skopeo copy`
    public void put(Path layout, String name, String... options) throws IOException, InterruptedException {
        List<Object> arguments = new ArrayList<>(List.of("copy", "-q", "--insecure-policy", "--dest-tls-verify=false"));
        arguments.addAll(List.of(options));
        arguments.addAll(List.of("oci:" + layout + ":tiny", "docker://" + name));
        run("skopeo", arguments.toArray());
    }

    private static void run(String program, Object... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(MustRun.program(program)));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(command + "\n" + output).isZero();
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
