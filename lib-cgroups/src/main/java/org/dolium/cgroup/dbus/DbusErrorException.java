// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.dbus;

import java.io.IOException;

/// The answer to a method call was an error.
public final class DbusErrorException extends IOException {
    private static final long serialVersionUID = 1;

    private final String error;

    DbusErrorException(String method, String error, String text) {
        super(method + ": " + error + (text.isEmpty() ? "" : ": " + text));
        this.error = error;
    }

    /// The name of the error, such as `org.freedesktop.DBus.Error.AccessDenied`.
    public String error() {
        return error;
    }
}
