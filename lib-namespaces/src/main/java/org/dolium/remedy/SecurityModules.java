// SPDX-License-Identifier: Apache-2.0
package org.dolium.remedy;

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
