// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// Who somebody is to a registry. Never printed.
///
/// @param user the name; empty with a token
/// @param secret the password, or the token
/// @param kind what the secret is
public record Credentials(String user, String secret, Kind kind) {
    /// What a secret is used for.
    public enum Kind {
        /// a password
        PASSWORD,
        /// a token from which others are made (`identitytoken` of Docker)
        IDENTITY_TOKEN,
        /// a token that is sent as it is (`registrytoken` of Docker)
        BEARER_TOKEN
    }

    /// @throws IllegalArgumentException if a part has characters of control, which would end a header
    public Credentials {
        boolean control = (user + secret).chars().anyMatch(c -> c < ' ' || c == 0x7f);
        if (control || user.indexOf(':') >= 0) {
            throw new IllegalArgumentException("credentials have a character of control, or a name has a colon");
        }
    }

    /// A name and its password.
    public static Credentials of(String user, String password) {
        return new Credentials(user, password, Kind.PASSWORD);
    }

    /// The header for basic authentication.
    String basic() {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + secret).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "Credentials[" + kind + "]";
    }
}
