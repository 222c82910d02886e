// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.systemd;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Addresses of bus daemons, as `DBUS_SESSION_BUS_ADDRESS` has them: `unix:path=/run/user/1000/bus,guid=…;tcp:…`.
final class BusAddress {
    private static final String PATH = "path=";

    private BusAddress() {}

    /// The absolute paths in an address; what else it offers (tcp, abstract sockets) is left out, and so is what is
    /// malformed.
    static List<String> unixPaths(String addresses) {
        List<String> paths = new ArrayList<>();
        for (String address : addresses.split(";", -1)) {
            if (address.startsWith("unix:")) {
                for (String pair : address.substring("unix:".length()).split(",", -1)) {
                    String path = pair.startsWith(PATH) ? unescaped(pair.substring(PATH.length())) : null;
                    if (path != null && path.length() > 1 && path.startsWith("/") && !path.endsWith("/")) {
                        paths.add(path);
                    }
                }
            }
        }
        return paths;
    }

    /// Undoes `%2f`.
    private static @Nullable String unescaped(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        int n = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '%') {
                int code = i + 2 < bytes.length
                        ? 16 * Character.digit(bytes[i + 1], 16) + Character.digit(bytes[i + 2], 16)
                        : -1;
                if (code <= 0 || Character.digit(bytes[i + 2], 16) < 0) {
                    return null;
                }
                bytes[n++] = (byte) code;
                i += 2;
            } else {
                bytes[n++] = bytes[i];
            }
        }
        return new String(bytes, 0, n, StandardCharsets.UTF_8);
    }
}
