// SPDX-License-Identifier: Apache-2.0
package org.dolium.remedy;

/// What to do where a plain user has only one id.
public final class IdRanges {
    /// How the helper programs come to a host.
    public static final String INSTALL = "install the package 'uidmap' (Fedora: shadow-utils)";

    private IdRanges() {}

    /// How an admin grants ranges to a user.
    ///
    /// @param user the login name; the JVM says `?` if there is none
    public static String grant(String user) {
        String name = user.isEmpty() || user.equals("?") ? "NAME" : user;
        return "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 " + name;
    }

    /// Why newuidmap(1) can't work at all; empty if it can.
    public static String withoutPrivileges(HostFiles host) {
        return host.noNewPrivileges()
                ? "this JVM has no_new_privs, so newuidmap can't gain privileges: run it without NoNewPrivileges=yes, or the"
                        + " outer container without --security-opt no-new-privileges"
                : "";
    }
}
