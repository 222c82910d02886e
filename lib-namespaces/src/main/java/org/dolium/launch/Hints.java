// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import org.dolium.linux.Errno;

/// What to do about a failed call: one table, keyed by call and errno.
final class Hints {
    private static final String SECCOMP = "the outer container's seccomp profile forbids namespaces: run it with"
            + " --security-opt seccomp=unconfined";

    private static final String[][] TABLE = {
        {"execveat", "EACCES", "the launcher's memory file may not be executed: vm.memfd_noexec is 2, or a security"
                + " module forbids it; set vm.memfd_noexec=1 or 0"},
        {"fsopen(\"proc\"", "EPERM", "a new /proc needs a new pid namespace"},
        {"execve(", "ENOENT", "no such command in the container, or its interpreter (#! line or ELF loader) is missing"},
        {"execve(", "EACCES", "the command is not executable by this user, is a directory, or is on a noexec mount"},
        {"execve(", "ENOEXEC", "not a program for this machine: wrong architecture, or a script without a #! line"},
        {"execve(", "E2BIG", "arguments and environment are too large: the limit is a quarter of the stack limit in"
                + " all, and 128 KiB for one string"},
        {"setresuid", "EINVAL", "this uid is not mapped in the user namespace: give a range of subordinate ids"},
        {"setresgid", "EINVAL", "this gid is not mapped in the user namespace: give a range of subordinate ids"},
        {"setgroups", "EPERM", "supplementary groups can't be set with a single-id map"},
        {"mkdirat", "EROFS", "the mount point is missing in a read-only root: create it there or use an overlay"},
        {"openat2", "ENOENT", "no such file or directory in the root file system; in a read-only root a mount point"
                + " must exist already"},
        {"openat2", "ELOOP", "the path is a symbolic link where only a real directory is accepted"},
        {"openat2", "EXDEV", "the path leads out of the root file system"},
        {"open_tree", "ENOENT", "no such file or directory on the host"},
        {"open_tree", "EACCES", "this path of the host can't be read by this user"},
        {"fsmount", "EPERM", "a new /proc or /sys is refused because /proc is masked on this host (nested container?): run"
                + " the outer container with --security-opt systempaths=unconfined"},
        {"move_mount", "EINVAL", "a file can be mounted only over a file, and a directory only over a directory"},
        {"openat2", "ENOTDIR", "a part of the path, or the mount point of a directory, is a file"},
        {"setns", "EPERM", "joining a namespace needs CAP_SYS_ADMIN in the user namespace that owns it: join that one too"},
        {"write(", "ERANGE", "with this offset a clock would be negative or out of its range"},
        {"mount_setattr", "EPERM", "in a user namespace, attributes of the host's mounts can be added but not taken away,"
                + " and their access-time mode is locked"},
        {"mount_setattr", "EINVAL", "this file system, or the kernel, can't map owners; see mount_setattr(2)"},
        {"prlimit64", "EPERM", "a hard limit above the JVM's own needs CAP_SYS_RESOURCE"},
        {"write(", "EACCES", "an oom_score_adj below the JVM's own needs CAP_SYS_RESOURCE"},
        {"chdir", "ENOENT", "the working directory does not exist in the container"},
        {"chdir", "ENOTDIR", "the working directory is not a directory in the container"},
        {"chdir", "EACCES", "the working directory may not be entered by this user"},
        {"move_mount", "EACCES", "a security module (AppArmor, SELinux) forbids mounting: in a container run it with"
                + " --security-opt apparmor=unconfined"},
    };

    private Hints() {}

    static String forCall(String call, Errno errno) {
        for (String[] row : TABLE) {
            if (call.startsWith(row[0]) && errno.name().equals(row[1])) {
                return row[2];
            }
        }
        return "";
    }

    /// What clone3's errnos mean for a launch.
    static String forClone(Errno errno) {
        return switch (errno.name()) {
            case "ENOSYS" -> SECCOMP;
            case "EPERM" -> "namespaces are forbidden here: kernel.unprivileged_userns_clone=0 (sysctl -w"
                    + " kernel.unprivileged_userns_clone=1), a chroot, a security module, or " + SECCOMP;
            case "EACCES" -> "AppArmor forbids user namespaces for this program: give java a profile with 'userns,'";
            case "ENOSPC" -> "the limit of namespaces is reached: sysctl -w user.max_user_namespaces=15000 (and the"
                    + " other user.max_*_namespaces); or namespaces are nested more than 32 deep";
            case "EAGAIN" -> "the limit of processes is reached: RLIMIT_NPROC, or pids.max of a cgroup";
            case "EINVAL" -> "this kernel has not all of the asked namespaces";
            case "ENOMEM" -> "out of memory";
            default -> "";
        };
    }
}
