// SPDX-License-Identifier: Apache-2.0
package org.dolium.remedy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dolium.linux.Errno;

/// What to do where AppArmor or SELinux forbids something.
public final class SecurityModules {
    private SecurityModules() {}

    /// Ubuntu since 23.10: the whole of what an admin has to write, with this JVM's own path.
    public static String ubuntu(HostFiles host) {
        String whole = host.surroundings() == Surroundings.GITHUB_ACTIONS
                ? "Ubuntu restricts user namespaces: add the step\n"
                        + "    sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0\n"
                        + "Or, for this JVM only, "
                : "Ubuntu restricts user namespaces: as admin, once, ";
        return whole + "write /etc/apparmor.d/java-containers (every program that this java runs may use user namespaces"
                + " then)\n"
                + "    abi <abi/4.0>,\n"
                + "    include <tunables/global>\n"
                + "    profile java-containers " + quoted(host.java()) + " flags=(unconfined) {\n"
                + "      userns,\n"
                + "      include if exists <local/java-containers>\n"
                + "    }\n"
                + "then load it and restart the JVM\n"
                + "    sudo apparmor_parser -r /etc/apparmor.d/java-containers\n"
                + "Or for the whole machine\n"
                + "    sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0";
    }

    /// What to do where a security module is wanted that is not there; empty where it is there or may be.
    ///
    /// @param appArmor whether it is AppArmor, else SELinux
    public static String missing(boolean appArmor) {
        if (appArmor) {
            return read("/sys/module/apparmor/parameters/enabled").startsWith("Y") ? "" : "boot with apparmor=1 security=apparmor";
        }
        return read("/proc/filesystems").contains("selinuxfs") ? "" : "boot with selinux=1 security=selinux, and load a policy";
    }

    private static String read(String path) {
        try {
            return Files.readString(Path.of(path));
        } catch (IOException e) {
            return "";
        }
    }

    /// Setting a label failed.
    static String label(String call, Errno errno) {
        boolean appArmor = call.contains("APPARMOR") || call.contains("self/attr/apparmor");
        if (errno.equals(Errno.ENOENT)) {
            return appArmor
                    ? "no AppArmor profile of that name is loaded: sudo apparmor_parser -r FILE, and see aa-status(8)"
                    : "this kernel has no such file: the security module is off";
        }
        if (errno.equals(Errno.EINVAL)) {
            return appArmor ? "AppArmor does not take this name" : "the loaded SELinux policy has no such context";
        }
        return errno.equals(Errno.EOPNOTSUPP)
                ? "this security module is not active on this host"
                : "the label that confines this JVM does not allow it to choose that one";
    }

    /// AppArmor takes a path with blanks or glob characters in quotes, with a backslash before each of these characters.
    private static String quoted(String path) {
        StringBuilder out = new StringBuilder();
        boolean plain = true;
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            boolean special = "*?[]{}^,\"\\@".indexOf(c) >= 0;
            plain &= !special && c != ' ' && c != '#';
            out.append(special ? "\\" : "").append(c);
        }
        return plain ? path : "\"" + out + "\"";
    }

    /// clone3 failed with EACCES.
    static String deniedUserNamespace(HostFiles host) {
        if (host.ubuntuRestricts()) {
            return ubuntu(host);
        }
        String profile = confining(host);
        if (!profile.isEmpty()) {
            return "AppArmor forbids user namespaces for this program: profile '" + profile + "' lacks 'userns,'";
        }
        return host.seLinuxEnforces()
                ? seLinux()
                : "AppArmor forbids user namespaces for this program: give " + host.java() + " a profile with 'userns,'";
    }

    /// Something else failed with EACCES, most likely a mount.
    static String deniedMount(HostFiles host) {
        if (host.ubuntuRestricts()) {
            return ubuntu(host);
        }
        String profile = confining(host);
        if (host.surroundings().container() && !host.seLinuxEnforces()) {
            return OuterContainer.appArmor(host) + (profile.isEmpty() ? "" : " (its profile is '" + profile + "')");
        }
        if (!profile.isEmpty()) {
            return "AppArmor profile '" + profile + "' forbids mounting: it needs 'capability sys_admin,' 'mount,' 'umount,'"
                    + " and 'pivot_root,'";
        }
        return host.seLinuxEnforces()
                ? seLinux()
                : "a security module (AppArmor, SELinux) forbids mounting: in a container run it with"
                        + " --security-opt apparmor=unconfined";
    }

    /// The profile that confines this JVM; empty if none does.
    public static String confining(HostFiles host) {
        String profile = host.appArmorProfile();
        return profile.equals("unconfined") || profile.endsWith(" (unconfined)") ? "" : profile;
    }

    static String seLinux() {
        return "SELinux denied it: see 'ausearch -m avc -ts recent', install container-selinux, and label volumes"
                + " container_file_t";
    }
}
