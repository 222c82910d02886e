// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A proxy of HTTP through which registries are asked. Nothing is read from the environment: whoever has the words of `HTTPS_PROXY` and
/// `NO_PROXY` gives them here.
///
/// A proxy resolves the names, so addresses are checked only where they are written as such.
///
/// @param address `http://host:port`; it may have no user
/// @param credentials for the proxy itself; null for none
/// @param except hosts that are asked without it: names, `.example.com` or `*.example.com` for all below a name, addresses,
///     `10.0.0.0/8` for networks, each also with a port; `*` for all
public record HttpProxy(URI address, @Nullable Credentials credentials, List<String> except) {
    /// @throws IllegalArgumentException if the address is no address of a proxy
    public HttpProxy {
        boolean http = "http".equalsIgnoreCase(address.getScheme());
        if (!http || address.getHost() == null || address.getRawUserInfo() != null) {
            throw new IllegalArgumentException("the proxy is no http://host:port without a user");
        }
        if (credentials != null && credentials.kind() != Credentials.Kind.PASSWORD) {
            throw new IllegalArgumentException("a proxy takes a name and a password");
        }
        except = List.copyOf(except);
    }

    /// A proxy for all, that wants no password.
    public static HttpProxy of(URI address) {
        return new HttpProxy(address, null, List.of());
    }

    /// Reads a proxy as variables of the environment have it: `http://user:password@host:port`, of which only the host is needed.
    ///
    /// @throws IllegalArgumentException if it is something else, which isn't repeated as it may have a password
    public static HttpProxy parse(String text, List<String> except) {
        try {
            URI uri = new URI(text.contains("://") ? text : "http://" + text);
            URI bare = new URI(uri.getScheme(), null, uri.getHost(), uri.getPort(), null, null, null);
            String user = uri.getUserInfo();
            int colon = user == null ? -1 : user.indexOf(':');
            Credentials credentials = user == null
                    ? null
                    : Credentials.of(colon < 0 ? user : user.substring(0, colon), colon < 0 ? "" : user.substring(colon + 1));
            return new HttpProxy(bare, credentials, except);
        } catch (URISyntaxException | IllegalArgumentException e) {
            throw new IllegalArgumentException("the proxy is no http://[user:password@]host[:port]");
        }
    }

    /// Where it listens; its name is resolved with each connection.
    InetSocketAddress place() {
        return InetSocketAddress.createUnresolved(address.getHost(), address.getPort() < 0 ? 80 : address.getPort());
    }

    /// Whether an address is asked through it.
    boolean isFor(URI uri) {
        String host = bare(uri.getHost().toLowerCase(Locale.ROOT));
        int port = uri.getPort() >= 0 ? uri.getPort() : uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
        for (String exception : except) {
            if (isExcepted(exception.trim().toLowerCase(Locale.ROOT), host, port)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isExcepted(String exception, String host, int port) {
        String rest = exception;
        int colon = rest.lastIndexOf(':');
        if (colon > 0 && (rest.indexOf(':') == colon || rest.charAt(colon - 1) == ']')) {
            if (!rest.substring(colon + 1).equals(String.valueOf(port))) {
                return false;
            }
            rest = rest.substring(0, colon);
        }
        String name = bare(rest.startsWith("*.") ? rest.substring(1) : rest);
        if (name.isEmpty()) {
            return false;
        }
        return name.equals("*")
                || name.equals(host)
                || host.endsWith(name.startsWith(".") ? name : "." + name)
                || isInNetwork(name, host);
    }

    private static String bare(String host) {
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    private static boolean isInNetwork(String network, String host) {
        int slash = network.indexOf('/');
        try {
            byte[] base = InetAddress.ofLiteral(slash < 0 ? network : network.substring(0, slash)).getAddress();
            byte[] address = InetAddress.ofLiteral(host).getAddress();
            int bits = slash < 0 ? base.length * 8 : Integer.parseInt(network.substring(slash + 1));
            return base.length == address.length && bits >= 0 && bits <= base.length * 8 && AddressRange.isSame(base, address, bits);
        } catch (IllegalArgumentException e) { // one of them is a name
            return false;
        }
    }
}
