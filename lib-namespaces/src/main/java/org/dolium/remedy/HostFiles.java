// SPDX-License-Identifier: Apache-2.0
package org.dolium.remedy;

import java.util.Locale;
import java.util.Map;

/// What files and environment say about a host and who asks. They never decide whether something works, which only
/// trying shows; they explain why it did not.
///
/// @param files the texts by path; a file that can't be read is absent, and a directory is an empty text
/// @param variables environment variables
/// @param java the real path of this JVM's program
/// @param user the JVM's user name
public record HostFiles(Map<String, String> files, Map<String, String> variables, String java, String user) {
    /// Nothing is known.
    public static final HostFiles NONE = new HostFiles(Map.of(), Map.of(), "java", "");

    /// The file whose text is `true` where the root directory is that of process 1, and else `false`.
    public static final String SAME_ROOT = "/proc/1/root";

    /// The files that are worth reading.
    static final String[] PATHS = {
        "/proc/self/status", "/proc/self/uid_map", "/proc/self/mountinfo", "/proc/self/cgroup",
        "/proc/self/attr/current", "/proc/self/attr/apparmor/current", "/proc/sys/kernel/osrelease",
        "/proc/sys/kernel/unprivileged_userns_clone", "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "/proc/sys/user/max_user_namespaces", "/proc/sys/user/max_mnt_namespaces",
        "/proc/sys/user/max_pid_namespaces", "/proc/sys/user/max_uts_namespaces",
        "/proc/sys/user/max_ipc_namespaces", "/proc/sys/user/max_cgroup_namespaces",
        "/proc/sys/user/max_net_namespaces", "/proc/sys/user/max_time_namespaces", "/proc/sys/vm/memfd_noexec",
        "/sys/module/apparmor/parameters/enabled", "/sys/fs/selinux/enforce", "/sys/kernel/security/lsm",
        "/.dockerenv", "/run/.containerenv", "/var/run/secrets/kubernetes.io", "/run/systemd/system", "/etc/subuid",
        "/etc/subgid"
    };

    /// The environment variables that are worth reading.
    static final String[] NAMES = {"KUBERNETES_SERVICE_HOST", "GITHUB_ACTIONS", "container"};

    private static final String MOUNTS = "/proc/self/mountinfo";
    private static final int MOUNT_POINT_FIELD = 4;
    private static final int CAP_SYS_ADMIN = 21;

    public HostFiles {
        files = Map.copyOf(files);
        variables = Map.copyOf(variables);
    }

    public static String[] paths() {
        return PATHS.clone();
    }

    public static String[] names() {
        return NAMES.clone();
    }

    public boolean exists(String path) {
        return files.containsKey(path);
    }

    /// A file's text without blanks around it, empty if it could not be read.
    public String text(String path) {
        return files.getOrDefault(path, "").trim();
    }

    /// A field of /proc/self/status, empty if there is none.
    public String status(String field) {
        String text = "\n" + files.getOrDefault("/proc/self/status", "") + "\n";
        int start = text.indexOf("\n" + field + ":");
        return start < 0 ? "" : text.substring(start + field.length() + 2, text.indexOf('\n', start + 1)).trim();
    }

    /// The effective uid, or -1 if it is not known.
    public long uid() {
        String[] ids = status("Uid").split("\t", -1);
        return ids.length == 4 ? Long.parseLong(ids[1]) : -1;
    }

    /// Whether the JVM may make namespaces without a user namespace.
    public boolean privileged() {
        String effective = status("CapEff");
        return !effective.isEmpty() && (Long.parseUnsignedLong(effective, 16) & 1L << CAP_SYS_ADMIN) != 0;
    }

    /// Whether a seccomp filter is on this JVM, which it never puts on itself.
    public boolean filtered() {
        return status("Seccomp").equals("2");
    }

    public boolean noNewPrivileges() {
        return status("NoNewPrivs").equals("1");
    }

    /// Whether the root directory is known to be another one than that of process 1. In a chroot into a plain directory
    /// there is no mount at `/`; of one into a mount only root can tell, and not always.
    public boolean knownChroot() {
        return text(SAME_ROOT).equals("false") || exists(MOUNTS) && !hasMountAtRoot();
    }

    private boolean hasMountAtRoot() {
        for (String line : text(MOUNTS).split("\n", -1)) {
            String[] fields = line.split(" ", -1);
            if (fields.length > MOUNT_POINT_FIELD && fields[MOUNT_POINT_FIELD].equals("/")) {
                return true;
            }
        }
        return false;
    }

    /// Whether the JVM is in a user namespace that is not the machine's first.
    public boolean inUserNamespace() {
        String map = text("/proc/self/uid_map");
        return !map.isEmpty() && !String.join(" ", map.split("\\s+", -1)).equals("0 0 4294967295");
    }

    /// The AppArmor profile of this JVM, or an empty text where AppArmor is off.
    public String appArmorProfile() {
        String own = text("/proc/self/attr/apparmor/current");
        boolean enabled = text("/sys/module/apparmor/parameters/enabled").equals("Y");
        return own.isEmpty() && enabled ? text("/proc/self/attr/current") : own;
    }

    public boolean seLinuxEnforces() {
        return text("/sys/fs/selinux/enforce").equals("1");
    }

    /// Ubuntu lets no program without a profile of its own use a user namespace.
    public boolean ubuntuRestricts() {
        return text("/proc/sys/kernel/apparmor_restrict_unprivileged_userns").equals("1")
                && appArmorProfile().equals("unconfined") && !privileged();
    }

    /// What the JVM's surroundings are.
    public Surroundings surroundings() {
        if (variables.containsKey("KUBERNETES_SERVICE_HOST") || exists("/var/run/secrets/kubernetes.io")) {
            return Surroundings.KUBERNETES;
        }
        if (exists("/run/.containerenv") || variables.getOrDefault("container", "").equals("podman")) {
            return Surroundings.PODMAN;
        }
        if (exists("/.dockerenv")) {
            return Surroundings.DOCKER;
        }
        if (text("/proc/sys/kernel/osrelease").toLowerCase(Locale.ROOT).contains("microsoft")) {
            return Surroundings.WSL2;
        }
        if (variables.getOrDefault("GITHUB_ACTIONS", "").equals("true")) {
            return Surroundings.GITHUB_ACTIONS;
        }
        return Surroundings.HOST;
    }
}
