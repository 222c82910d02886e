// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.net.InetAddress;
import java.net.ProxySelector;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// How registries are asked.
///
/// @param credentials who we are
/// @param plain registries that are asked without TLS, besides those on this machine
/// @param tls registries on this machine that are asked with TLS
/// @param realms hosts by registry that may see its credentials, besides its own
/// @param trust the certificates that are believed; null for the JDK's
/// @param proxy through what; null for nothing
/// @param connect how long a connection may take
/// @param patience how long nothing, or too little, may come
/// @param bytesPerSecond what is too little
/// @param tries how often a request is sent at most
/// @param pause before the second try; it doubles
/// @param chunk the size of the parts of uploads; 0 for one part
record RegistrySettings(
        CredentialSource credentials,
        Set<String> plain,
        Set<String> tls,
        Map<String, List<String>> realms,
        @Nullable SSLContext trust,
        @Nullable ProxySelector proxy,
        Duration connect,
        Duration patience,
        long bytesPerSecond,
        int tries,
        Duration pause,
        int chunk) {
    boolean isPlain(String registry) {
        return plain.contains(registry) || isLoopback(registry) && !tls.contains(registry);
    }

    /// Whether a registry is on this machine by its name alone; other names may lead anywhere tomorrow.
    private static boolean isLoopback(String registry) {
        int end = registry.startsWith("[") ? registry.indexOf(']') + 1 : registry.indexOf(':');
        String host = end < 0 ? registry : registry.substring(0, end);
        if (host.equals("localhost") || host.equals("[::1]")) {
            return true;
        }
        try {
            return InetAddress.ofLiteral(host).isLoopbackAddress();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
