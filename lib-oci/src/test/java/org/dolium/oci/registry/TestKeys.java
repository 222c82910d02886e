// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/// A key and its own certificate, made by the JDK's tool.
///
/// @param context believes the certificate, and has the key
/// @param certificate the same as a file
/// @param key the same as a file
record TestKeys(SSLContext context, Path certificate, Path key) {
    private static final char[] PASSWORD = "password".toCharArray();

    /// @param names as `ip:127.0.0.1,dns:registry.example`
    static TestKeys make(Path directory, String names, String algorithm) throws Exception {
        Path file = Files.createTempDirectory(directory, "keys").resolve("store.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias", "x", "-keyalg",
                        algorithm, "-dname", "CN=x", "-ext", "san=" + names, "-storepass", new String(PASSWORD), "-keystore",
                        file.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(keytool.getInputStream().readAllBytes());
        assertThat(keytool.waitFor()).as(output).isZero();
        return read(file);
    }

    private static TestKeys read(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        KeyStore certificates = KeyStore.getInstance("PKCS12");
        certificates.load(null, null);
        certificates.setCertificateEntry("x", store.getCertificate("x"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(certificates);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        Path certificate = Files.writeString(file.resolveSibling("x.crt"), pem("CERTIFICATE", store.getCertificate("x").getEncoded()));
        Path key = Files.writeString(file.resolveSibling("x.key"), pem("PRIVATE KEY", store.getKey("x", PASSWORD).getEncoded()));
        return new TestKeys(context, certificate, key);
    }

    private static String pem(String what, byte[] bytes) {
        return "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END " + what
                + "-----\n";
    }

    LyingRegistry server() throws IOException {
        return server("127.0.0.1", false);
    }

    /// @param wants whether it wants a certificate of its clients
    LyingRegistry server(String address, boolean wants) throws IOException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral(address), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters tls = context.getDefaultSSLParameters();
                tls.setNeedClientAuth(wants);
                parameters.setSSLParameters(tls);
            }
        });
        return new LyingRegistry(server);
    }
}
