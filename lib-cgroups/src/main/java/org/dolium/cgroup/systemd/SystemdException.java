// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.systemd;

import java.io.IOException;
import org.dolium.cgroup.dbus.DbusErrorException;

/// A systemd manager refused or failed to do something. The message says what can be done about it.
public final class SystemdException extends IOException {
    private static final long serialVersionUID = 1;

    private static final String[][] HINTS = {
        {"AccessDenied", "this manager does not let this user start units: as a user ask one's own (sudo loginctl"
                + " enable-linger NAME), or run the service with Delegate=yes"},
        {"InteractiveAuthorizationRequired", "this manager does not let this user start units: as a user ask one's own"
                + " (sudo loginctl enable-linger NAME), or run the service with Delegate=yes"},
        {"UnknownMethod", "what answers is not a systemd that can start scopes; version 218 or later is needed"},
        {"UnknownObject", "what answers is not a systemd manager"},
        {"ServiceUnknown", "the bus is there, but no systemd manager is on it"},
        {"NameHasNoOwner", "the bus is there, but no systemd manager is on it"},
        {"UnitExists", "a unit of this name exists already"},
        {"NoSuchUnit", "there is no unit of this name; it ends when its last process does"},
    };

    private final String error;

    SystemdException(String message) {
        super(message);
        this.error = "";
    }

    private SystemdException(DbusErrorException cause, String hint) {
        super(cause.getMessage() + (hint.isEmpty() ? "" : "; " + hint), cause);
        this.error = cause.error();
    }

    static SystemdException of(DbusErrorException cause) {
        for (String[] row : HINTS) {
            if (cause.error().endsWith("." + row[0])) {
                return new SystemdException(cause, row[1]);
            }
        }
        return new SystemdException(cause, "");
    }

    /// The last part of the error's D-Bus name, such as `AccessDenied` or `UnitExists`; empty if it has none.
    public String error() {
        return error.substring(error.lastIndexOf('.') + 1);
    }
}
