// SPDX-License-Identifier: Apache-2.0
package org.dolium.remedy;

import org.dolium.linux.Errno;

/// What clone3's errnos mean for a launch on a given host.
final class CloneRefusal {
    private static final String[] KINDS = {"user", "mnt", "pid", "uts", "ipc", "cgroup", "net", "time"};

    private CloneRefusal() {}

    static String explain(String call, Errno errno, HostFiles host) {
        String ofCgroup = call.contains("CLONE_INTO_CGROUP") ? ofCgroup(errno, host) : "";
        return ofCgroup.isEmpty() ? ofNamespaces(errno, host) : ofCgroup;
    }

    /// What only a child that is born into another cgroup meets.
    private static String ofCgroup(Errno errno, HostFiles host) {
        return switch (errno.name()) {
            case "EACCES" -> SecurityModules.confining(host).isEmpty() && !host.ubuntuRestricts()
                    ? "this user may not put a process into that cgroup: cgroup.procs of the common ancestor of it and of the"
                            + " JVM's own must be writable"
                    : "";
            case "EBUSY" -> "the cgroup has controllers enabled for its children: only a leaf may have processes";
            case "EBADF" -> "the cgroup is not one of cgroup v2";
            case "ENODEV" -> "the cgroup was removed meanwhile";
            case "EOPNOTSUPP" -> "the cgroup is in an invalid or threaded domain: see cgroup.type in it";
            default -> "";
        };
    }

    private static String ofNamespaces(Errno errno, HostFiles host) {
        return switch (errno.name()) {
            case "ENOSYS" -> notThere(host);
            case "EPERM" -> notPermitted(host);
            case "EACCES" -> SecurityModules.deniedUserNamespace(host);
            case "ENOSPC" -> usedUp(host);
            case "EAGAIN" -> "the limit of processes is reached: RLIMIT_NPROC, or pids.max of a cgroup";
            case "EINVAL" -> "this kernel has not all of the asked namespaces";
            case "ENOMEM" -> "out of memory";
            default -> "";
        };
    }

    /// A kernel since 5.3 has clone3, so only something between says that it has not.
    private static String notThere(HostFiles host) {
        return host.filtered() || host.status("Seccomp").isEmpty()
                ? OuterContainer.seccomp(host)
                : "there is no clone3(2): the kernel is older than 5.3, or this is an emulator such as qemu-user";
    }

    private static String notPermitted(HostFiles host) {
        if (!host.privileged() && host.text("/proc/sys/kernel/unprivileged_userns_clone").equals("0")) {
            return "this host forbids user namespaces to plain users: sudo sysctl -w"
                    + " kernel.unprivileged_userns_clone=1";
        }
        if (host.knownChroot()) {
            return Hints.CHROOT;
        }
        if (host.filtered()) {
            return OuterContainer.seccomp(host);
        }
        String profile = SecurityModules.confining(host);
        if (!profile.isEmpty()) {
            return "AppArmor profile '" + profile + "' forbids namespaces: it needs 'capability sys_admin,' and 'userns,'";
        }
        if (host.inUserNamespace() && !maps(host.text("/proc/self/uid_map"), host.uid())) {
            return "the JVM's own uid is not mapped in its user namespace, so it can't make another one";
        }
        return "namespaces are forbidden here: " + Hints.CHROOT + ", and nothing else is known to forbid them"
                + (host.status("Seccomp").equals("0") ? "" : "; or " + OuterContainer.seccomp(host));
    }

    private static boolean maps(String map, long id) {
        for (String line : map.split("\n", -1)) {
            String[] numbers = line.trim().split("\\s+", -1);
            if (numbers.length == 3) {
                long first = Long.parseLong(numbers[0]);
                if (id >= first && id < first + Long.parseLong(numbers[2])) {
                    return true;
                }
            }
        }
        return false;
    }

    private static String usedUp(HostFiles host) {
        for (String kind : KINDS) {
            String name = "user.max_" + kind + "_namespaces";
            if (host.text("/proc/sys/" + name.replace('.', '/')).equals("0")) {
                return name + " is 0: sudo sysctl -w " + name + "=15000; to keep it, write it to"
                        + " /etc/sysctl.d/99-userns.conf";
            }
        }
        return "the limit of namespaces is reached: sudo sysctl -w user.max_user_namespaces=15000 (and the other"
                + " user.max_*_namespaces); or namespaces are nested more than 32 deep";
    }
}
