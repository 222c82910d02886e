// SPDX-License-Identifier: Apache-2.0
package org.dolium.confinement;

import java.nio.charset.StandardCharsets;
import org.dolium.linux.Arg;
import org.dolium.linux.Quoting;
import org.dolium.linux.Sys;
import org.dolium.mount.ProcHandle;
import org.dolium.namespace.NamespaceKind;
import org.dolium.plan.PlanBuilder;
import org.jspecify.annotations.Nullable;

/// A parameter of the kernel that each namespace of a kind has for itself; see sysctl(8). There are no others here: all the
/// rest is the host's.
///
/// @param path below /proc/sys, as `net/ipv4/ip_forward`
/// @param value what is written
/// @param kind the namespace that the parameter belongs to
public record Sysctl(String path, String value, NamespaceKind kind) {
    private static final int LONGEST = 4095;
    private static final String OF_IPC = " kernel/msgmax kernel/msgmnb kernel/msgmni kernel/sem kernel/shmall kernel/shmmax"
            + " kernel/shmmni kernel/shm_rmid_forced ";

    /// Reads a name and a value. The first `.` or `/` says which of them separates the parts of the name.
    ///
    /// @throws IllegalArgumentException if the parameter is the host's, or the name or value has other characters
    public static Sysctl of(String key, String value) {
        String path = path(key);
        NamespaceKind kind = kind(path);
        if (kind == null) {
            throw new IllegalArgumentException("kernel parameter '" + shown(key) + "' belongs to the host, not to a namespace");
        }
        if (value.isEmpty() || value.length() > LONGEST || value.indexOf('\n') >= 0 || value.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("value of the kernel parameter '" + key + "' is empty, has more than " + LONGEST
                    + " characters, or a line break or NUL");
        }
        return new Sysctl(path, value, kind);
    }

    private static String path(String key) {
        char separator = 0;
        StringBuilder path = new StringBuilder("/");
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            boolean plain = c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-';
            if (c == '.' || c == '/') {
                separator = separator == 0 ? c : separator;
                path.append(c == separator ? '/' : '.');
            } else if (plain) {
                path.append(c);
            } else {
                throw new IllegalArgumentException("kernel parameter '" + shown(key)
                        + "' has other characters than a-z, 0-9, '_', '-', '.' and '/'");
            }
        }
        path.append('/');
        if (path.indexOf("//") >= 0 || path.indexOf("/./") >= 0 || path.indexOf("/../") >= 0) {
            throw new IllegalArgumentException("kernel parameter '" + key + "' has an empty, '.' or '..' part");
        }
        return path.substring(1, path.length() - 1);
    }

    private static String shown(String key) {
        return key.replace('\0', '?').replace('\n', '?');
    }

    private static @Nullable NamespaceKind kind(String path) {
        if (path.startsWith("net/")) {
            return NamespaceKind.NET;
        }
        if (path.equals("kernel/domainname")) {
            return NamespaceKind.UTS;
        }
        return path.startsWith("fs/mqueue/") || OF_IPC.contains(" " + path + " ") ? NamespaceKind.IPC : null;
    }

    /// Appends the calls that write it, whole or not at all. The file of the domain name is closed to the root of a user
    /// namespace, its system call is not.
    void lower(PlanBuilder plan, ProcHandle proc) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        if (kind == NamespaceKind.UTS) {
            plan.add(Sys.SETDOMAINNAME, Arg.str(bytes), Arg.num(bytes.length));
            return;
        }
        proc.write("sys/" + path, bytes, Quoting.quote(value) + " /* sysctl " + path + " */", false);
    }
}
