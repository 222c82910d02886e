// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.dolium.oci.json.JsonPlace;

/// Which addresses a registry may lead to, by redirects, realms and locations.
///
/// Names are resolved and all of their addresses are looked at. The JDK's client resolves the name again, from the JDK's cache of half a
/// minute: a name server that changes its answer is believed when that time ends just in between. Where only public
/// addresses are connected to, it is the address of the connection that is looked at: see [Tunnel].
final class AddressRules {
    /// Addresses at which providers of machines give secrets to whoever asks, besides those of the local link.
    private static final Set<String> METADATA = Set.of("fd00:ec2:0:0:0:0:0:254", "100.100.100.200", "192.0.0.192");

    /// Finds the addresses of the host of an address; none where a proxy does that.
    interface Resolver {
        InetAddress[] resolve(URI uri) throws IOException;
    }

    private final URI registry;
    private final boolean plainAllowed;
    private final Resolver resolver;

    /// @param registry where the registry is
    /// @param plainAllowed whether it is asked without TLS
    AddressRules(URI registry, boolean plainAllowed, Resolver resolver) {
        this.registry = registry;
        this.plainAllowed = plainAllowed;
        this.resolver = resolver;
    }

    /// Scheme, host and port.
    static String origin(URI uri) {
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        int port = uri.getPort() >= 0 ? uri.getPort() : scheme.equals("https") ? 443 : 80;
        return scheme + "://" + String.valueOf(uri.getHost()).toLowerCase(Locale.ROOT) + ":" + port;
    }

    boolean isHome(URI uri) {
        return origin(uri).equals(origin(registry));
    }

    /// The address that a header names, if it may be asked.
    URI follow(URI from, String location) throws IOException {
        URI to;
        try {
            to = from.resolve(new URI(location));
        } catch (java.net.URISyntaxException | IllegalArgumentException e) {
            throw new RefusedException("the registry names '" + JsonPlace.shown(location, 100) + "', which is no address", e);
        }
        check(to);
        if (from.getScheme().equals("https") && !to.getScheme().equalsIgnoreCase("https")) {
            throw refused(to, "would go on without TLS");
        }
        return to;
    }

    /// Makes sure that an address may be asked.
    void check(URI to) throws IOException {
        String scheme = String.valueOf(to.getScheme()).toLowerCase(Locale.ROOT);
        if (!scheme.equals("https") && !scheme.equals("http") || to.getHost() == null) {
            throw refused(to, "is no address of HTTP");
        }
        if (to.getRawUserInfo() != null) {
            throw refused(to, "has a user in it");
        }
        if (isHome(to)) {
            return;
        }
        List<InetAddress> there = List.of(resolver.resolve(to));
        boolean local = registryIsLoopback() && !there.isEmpty() && there.stream().allMatch(InetAddress::isLoopbackAddress);
        if (scheme.equals("http") && !(plainAllowed && local)) {
            throw refused(to, "is without TLS");
        }
        for (InetAddress address : there) {
            if (isInner(address) && !(address.isLoopbackAddress() && registryIsLoopback())) {
                throw refused(to, "is an address of this machine or of its link");
            }
        }
    }

    private boolean registryIsLoopback() throws IOException {
        InetAddress[] own = resolver.resolve(registry);
        for (InetAddress address : own) {
            if (!address.isLoopbackAddress()) {
                return false;
            }
        }
        return own.length > 0;
    }

    private static boolean isInner(InetAddress address) {
        return address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isAnyLocalAddress()
                || address.isMulticastAddress()
                || METADATA.contains(address.getHostAddress());
    }

    /// An address for errors: without its query, which may be a secret.
    static String shown(URI uri) {
        return JsonPlace.shown(uri.getScheme() + "://" + uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort())
                + (uri.getRawPath() == null ? "" : uri.getRawPath()), 300);
    }

    private static RefusedException refused(URI to, String problem) {
        return new RefusedException("the registry leads to " + shown(to) + ", which " + problem);
    }
}
