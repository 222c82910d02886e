// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.image;

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
                    default -> throw new IllegalArgumentException("unknown digest algorithm '" + algorithm + "'");
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
            throw new IllegalArgumentException("digest '" + text + "' has no algorithm");
        }
        return new Digest(text.substring(0, colon), text.substring(colon + 1));
    }

    @Override
    public String toString() {
        return algorithm + ":" + hex;
    }
}
