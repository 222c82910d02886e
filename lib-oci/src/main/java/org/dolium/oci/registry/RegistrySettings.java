// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.dolium.oci.image.ImageReference;

/// How registries are asked.
///
/// @param credentials who we are
/// @param plain registries that are asked without TLS, besides those on this machine
/// @param tls registries on this machine that are asked with TLS
/// @param realms hosts by registry that may see its credentials, besides its own
/// @param mirrors by registry, where else its repositories are, in order
/// @param network how connections are made
/// @param connect how long a connection may take
/// @param patience how long nothing, or too little, may come
/// @param bytesPerSecond what is too little
/// @param whole how long one content may take, with all tries
/// @param tries how often a request is sent at most
/// @param pause before the second try; it doubles
/// @param chunk the size of the parts of uploads; 0 for one part
record RegistrySettings(
        CredentialSource credentials,
        Set<String> plain,
        Set<String> tls,
        Map<String, List<String>> realms,
        Map<String, List<Mirror>> mirrors,
        NetworkSettings network,
        Duration connect,
        Duration patience,
        long bytesPerSecond,
        Duration whole,
        int tries,
        Duration pause,
        int chunk) {
    /// @param registry of the mirror
    /// @param prefix before the names of repositories; empty, or with a slash at its end
    /// @param names whether it is asked what tags stand for
    record Mirror(String registry, String prefix, boolean names) {
        /// @throws IllegalArgumentException if the place is no name of a registry, perhaps with a part of a name behind it
        static Mirror of(String place, boolean names) {
            int slash = place.indexOf('/');
            String registry = slash < 0 ? place : place.substring(0, slash);
            String prefix = slash < 0 ? "" : place.substring(slash + 1) + "/";
            ImageReference checked = new ImageReference(registry, prefix + "x", null, null);
            return new Mirror(checked.registry(), prefix, names);
        }
    }

    /// The same for mirrors: instead of a second try there is the next place.
    RegistrySettings forMirrors() {
        return new RegistrySettings(
                credentials, plain, tls, realms, mirrors, network, connect, patience, bytesPerSecond, whole, 1, pause, chunk);
    }

    /// Where a registry is asked.
    static String host(String registry) {
        return registry.equals("docker.io") ? "registry-1.docker.io" : registry;
    }

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
