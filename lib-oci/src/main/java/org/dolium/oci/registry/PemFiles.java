// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// Certificates and keys in files as OpenSSL writes them, for [RegistryClient.Builder#trust].
public final class PemFiles {
    private static final int LIMIT = 4 << 20;
    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String END = "-----END PRIVATE KEY-----";
    private static final List<String> ALGORITHMS = List.of("EC", "RSA", "Ed25519", "Ed448");

    private PemFiles() {}

    /// Believes certificates of these authorities, and no others.
    ///
    /// @param authorities a file with certificates
    public static SSLContext trusting(Path authorities) throws IOException {
        return context(List.of(authorities), false, Map.of());
    }

    /// The same for a registry that also wants to know who we are by a certificate.
    ///
    /// @param authorities a file with certificates; null for those that the JDK believes
    /// @param certificate a file with our certificate and those above it
    /// @param key a file with its key, as PKCS #8, without a password
    public static SSLContext presenting(@Nullable Path authorities, Path certificate, Path key) throws IOException {
        return context(authorities == null ? List.of() : List.of(authorities), false, Map.of(certificate, key));
    }

    /// Certificates as Docker has them for a registry in `/etc/docker/certs.d/host:port`: authorities in `*.crt`, which are believed
    /// besides those of the JDK, and our own in `*.cert`, with its key in the `*.key` of that name.
    ///
    /// @return empty if there are none
    public static Optional<SSLContext> directory(Path directory) throws IOException {
        List<Path> authorities = files(directory, ".crt");
        Map<Path, Path> own = new LinkedHashMap<>();
        for (Path certificate : files(directory, ".cert")) {
            own.put(certificate, partner(certificate, ".cert", ".key", "certificate that has no key; authorities are in *.crt"));
        }
        for (Path key : files(directory, ".key")) {
            partner(key, ".key", ".cert", "key that has no certificate");
        }
        if (authorities.isEmpty() && own.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(context(authorities, true, own));
    }

    private static List<Path> files(Path directory, String end) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + end)) {
            for (Path file : files) {
                found.add(file);
            }
        }
        found.sort(null);
        return found;
    }

    private static Path partner(Path file, String end, String other, String problem) throws IOException {
        String name = file.getFileName().toString();
        Path partner = file.resolveSibling(name.substring(0, name.length() - end.length()) + other);
        if (!Files.exists(partner)) {
            throw new IOException("'" + file + "' is a " + problem);
        }
        return partner;
    }

    private static SSLContext context(List<Path> authorities, boolean besides, Map<Path, Path> own) throws IOException {
        try {
            TrustManager[] trust = authorities.isEmpty() ? null : trust(authorities, besides);
            KeyManager[] keys = own.isEmpty() ? null : keys(own);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, trust, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("certificates can't be used: " + e.getMessage(), e);
        }
    }

    private static TrustManager[] trust(List<Path> files, boolean besides) throws IOException, GeneralSecurityException {
        KeyStore store = empty();
        int number = 0;
        for (Certificate one : besides ? believed() : List.<Certificate>of()) {
            store.setCertificateEntry("authority" + number++, one);
        }
        for (Path file : files) {
            for (Certificate one : certificates(file)) {
                store.setCertificateEntry("authority" + number++, one);
            }
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    /// The authorities that the JDK believes.
    private static List<Certificate> believed() throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        List<Certificate> all = new ArrayList<>();
        for (TrustManager one : factory.getTrustManagers()) {
            if (one instanceof X509TrustManager manager) {
                all.addAll(List.of(manager.getAcceptedIssuers()));
            }
        }
        return all;
    }

    private static KeyManager[] keys(Map<Path, Path> own) throws IOException, GeneralSecurityException {
        KeyStore store = empty();
        char[] nothing = new char[0];
        for (Map.Entry<Path, Path> one : own.entrySet()) {
            Certificate[] chain = certificates(one.getKey()).toArray(new Certificate[0]);
            store.setKeyEntry(one.getKey().toString(), key(one.getValue()), nothing, chain);
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, nothing);
        return factory.getKeyManagers();
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Collection<? extends Certificate> certificates(Path file) throws IOException {
        byte[] bytes = bytes(file);
        try {
            Collection<? extends Certificate> all =
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(bytes));
            if (!all.isEmpty()) {
                return all;
            }
        } catch (CertificateException e) {
            throw new IOException("there is something else than certificates in '" + file + "'", e);
        }
        throw new IOException("there is no certificate in '" + file + "'");
    }

    private static byte[] bytes(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LIMIT + 1);
            if (bytes.length > LIMIT) {
                throw new IOException("'" + file + "' is larger than " + LIMIT + " bytes");
            }
            return bytes;
        }
    }

    private static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
        String text = new String(bytes(file), StandardCharsets.ISO_8859_1);
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IOException("there is no key in '" + file + "' as PKCS #8 without a password");
        }
        byte[] encoded;
        try {
            encoded = Base64.getMimeDecoder().decode(text.substring(begin + BEGIN.length(), end));
        } catch (IllegalArgumentException e) {
            throw new IOException("the key in '" + file + "' is not Base64", e);
        }
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
            } catch (InvalidKeySpecException e) { // it is of another kind
                continue;
            }
        }
        throw new IOException("the key in '" + file + "' is of none of the kinds " + ALGORITHMS);
    }
}
