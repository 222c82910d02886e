// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
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
        return context(authorities, null, null);
    }

    /// The same for a registry that also wants to know who we are by a certificate.
    ///
    /// @param authorities a file with certificates; null for those that the JDK believes
    /// @param certificate a file with our certificate and those above it
    /// @param key a file with its key, as PKCS #8, without a password
    public static SSLContext presenting(@Nullable Path authorities, Path certificate, Path key) throws IOException {
        return context(authorities, certificate, key);
    }

    private static SSLContext context(@Nullable Path authorities, @Nullable Path certificate, @Nullable Path key)
            throws IOException {
        try {
            TrustManager[] trust = authorities == null ? null : trust(authorities);
            KeyManager[] keys = certificate == null || key == null ? null : keys(certificate, key);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, trust, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("certificates can't be used: " + e.getMessage(), e);
        }
    }

    private static TrustManager[] trust(Path file) throws IOException, GeneralSecurityException {
        KeyStore store = empty();
        int number = 0;
        for (Certificate one : certificates(file)) {
            store.setCertificateEntry("authority" + number++, one);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static KeyManager[] keys(Path certificate, Path key) throws IOException, GeneralSecurityException {
        KeyStore store = empty();
        char[] nothing = new char[0];
        store.setKeyEntry("own", key(key), nothing, certificates(certificate).toArray(new Certificate[0]));
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
