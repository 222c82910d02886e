// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.image;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.dolium.oci.json.JsonPlace;

/// The name of a blob: algorithm and hash, as the OCI image specification's "Digests" section defines it. Only the two
/// registered algorithms are accepted, and only in their canonical form, so that a digest is safe to use as a file name.
///
/// @param algorithm `sha256` or `sha512`
/// @param hex the hash in lower-case hexadecimal
public record Digest(String algorithm, String hex) {
    public Digest {
        int length =
                switch (algorithm) {
                    case "sha256" -> 64;
                    case "sha512" -> 128;
                    default ->
                        throw new IllegalArgumentException(
                                "unknown digest algorithm '" + JsonPlace.shown(algorithm, 40) + "'");
                };
        boolean good = hex.length() == length;
        for (int i = 0; i < hex.length(); i++) {
            char c = hex.charAt(i);
            good &= c >= '0' && c <= '9' || c >= 'a' && c <= 'f';
        }
        if (!good) {
            throw new IllegalArgumentException(
                    "digest of " + algorithm + " is not " + length + " lower-case hexadecimal digits");
        }
    }

    /// Reads `sha256:…`.
    public static Digest parse(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("digest '" + JsonPlace.shown(text, 140) + "' has no algorithm");
        }
        return new Digest(text.substring(0, colon), text.substring(colon + 1));
    }

    /// The SHA-256 digest of these bytes.
    public static Digest of(byte[] content) {
        return finished("sha256", hasher("sha256").digest(content));
    }

    /// The SHA-256 digest of what a stream gives.
    public static Digest of(InputStream content) throws IOException {
        MessageDigest hasher = hasher("sha256");
        byte[] buffer = new byte[1 << 16];
        for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
            hasher.update(buffer, 0, read);
        }
        return finished("sha256", hasher.digest());
    }

    /// Whether these bytes are what it names.
    public boolean matches(byte[] content) {
        return finished(algorithm, hasher().digest(content)).equals(this);
    }

    /// A new computation with the algorithm.
    public MessageDigest hasher() {
        return hasher(algorithm);
    }

    /// The digest of what a computation with an algorithm gave.
    public static Digest finished(String algorithm, byte[] hash) {
        return new Digest(algorithm, HexFormat.of().formatHex(hash));
    }

    private static MessageDigest hasher(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm.equals("sha512") ? "SHA-512" : "SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256, and OpenJDK has SHA-512", e);
        }
    }

    @Override
    public String toString() {
        return algorithm + ":" + hex;
    }
}
