// SPDX-License-Identifier: Apache-2.0
package org.dolium.remedy;

import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;

/// What to do about a failed call: one table, keyed by call and errno, and for some of them the host's situation.
public final class Hints {
    static final String CHROOT = "user namespaces can't be made in a chroot";

    /// What lets memory files be executed.
    public static final String ALLOW_MEMFD = "sudo sysctl -w vm.memfd_noexec=1";

    private static final String NOT_TRACEABLE = "who enters a container needs the right to trace its command: CAP_SYS_PTRACE where"
            + " that is another user, and a command whose file its user may read";
    private static final String TOO_MANY = "there are as many processes as there may be, by the pids limit of the container or the"
            + " limit nproc of its user";

    private static final String[][] TABLE = {
        {"fsopen(\"overlay\"", "ENODEV", "this kernel has no overlayfs, or its module is not loaded: sudo modprobe overlay"},
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
        {"move_mount", "EINVAL", "a file can be mounted only over a file, and a directory only over a directory"},
        {"openat2", "ENOTDIR", "a part of the path, or the mount point of a directory, is a file"},
        {"setns(4, CLONE_NEWUSER|", "EPERM", NOT_TRACEABLE},
        {"setns(4, CLONE_NEWNS|", "EPERM", NOT_TRACEABLE},
        {"setns(4, ", "ESRCH", "the process whose namespaces are to be entered has ended"},
        {"clone(", "ENOMEM", "the first process of the pid namespace has ended, or memory ran out"},
        {"clone(", "EAGAIN", TOO_MANY},
        {"clone3({flags=CLONE_PARENT", "EAGAIN", TOO_MANY},
        {"clone3({flags=CLONE_PARENT", "ENODEV", "the cgroup has been removed: the container has ended"},
        {"setns", "EPERM", "joining a namespace needs CAP_SYS_ADMIN in the user namespace that owns it: join that one too"},
        {"write(/proc/", "EPERM", "the kernel refuses this id map: the JVM may not give these ids, or its own user namespace"
                + " does not have them; see user_namespaces(7)"},
        {"write(", "ERANGE", "with this offset a clock would be negative or out of its range"},
        {"mount_setattr", "EPERM", "in a user namespace, attributes of the host's mounts can be added but not taken away,"
                + " and their access-time mode is locked"},
        {"mount_setattr(AT_FDCWD, \"/\"", "EINVAL", "the root directory is no mount, as in a chroot: before it is entered,"
                + " mount --bind DIRECTORY DIRECTORY"},
        {"mount_setattr", "EINVAL", "this file system, or the kernel, can't map owners; see mount_setattr(2)"},
        {"pivot_root", "EINVAL", "if the JVM's root is the initramfs, it can't be replaced: switch_root(8) to another file"
                + " system before the JVM starts"},
        {"prlimit64", "EPERM", "a hard limit above the JVM's own needs CAP_SYS_RESOURCE"},
        {"seccomp(", "EINVAL", "this kernel has no filters of system calls (CONFIG_SECCOMP_FILTER), or refuses this one"},
        {"seccomp(", "ENOSYS", "a filter on this JVM hides seccomp(2), or the kernel has none"},
        {"seccomp(", "EBUSY", "this JVM runs under a filter whose calls somebody else answers, and the kernel allows only one such"
                + " filter for a process: handlers of system calls work outside of that container only"},
        {"seccomp(", "EACCES", "a filter needs no_new_privs or CAP_SYS_ADMIN"},
        {"write(", "EACCES", "an oom_score_adj below the JVM's own needs CAP_SYS_RESOURCE"},
        {"ioctl(", "EPERM", "the loopback interface of a new network namespace needs CAP_NET_ADMIN, which this JVM lacks: run"
                + " the outer container with --cap-add NET_ADMIN, or the container with the host's network"},
        {"keyctl(", "EDQUOT", "this user has as many keys as it may, and each container's session keyring is one: sudo sysctl -w"
                + " kernel.keys.maxkeys=2000 kernel.keys.maxbytes=200000"},
        {"prctl(PR_GET_SECUREBITS", "EPROTO", "this JVM has secure bits, as by systemd's SecureBits=, which no container may have"},
        {"chdir", "ENOENT", "the working directory does not exist in the container"},
        {"chdir", "ENOTDIR", "the working directory is not a directory in the container"},
        {"chdir", "EACCES", "the working directory may not be entered by this user"},
    };

    private Hints() {}

    /// What to do about a call's failure; empty if nothing is known.
    ///
    /// @param call the call as strace prints it
    public static String forCall(String call, Errno errno, HostFiles host) {
        if (errno.equals(Errno.EMFILE)) {
            return ErrnoException.RAISE_LIMIT;
        }
        if (isLaunch(call)) {
            return CloneRefusal.explain(call, errno, host);
        }
        if (call.startsWith("write(") && call.endsWith(", \"0\", 1)")) {
            return "the process could not write itself into a tasks file of its cgroup";
        }
        if (call.contains("LSM_ID_") || call.contains(", \"self/attr/")) {
            return SecurityModules.label(call, errno);
        }
        if (call.contains(", \"sys/") || call.contains(" /* sysctl ")) {
            return kernelParameter(errno);
        }
        if (errno.name().equals("EINVAL") && isLayerWithComma(call)) {
            return "before Linux 6.5 overlayfs takes no directory whose path has a comma: rename it";
        }
        String situation = dependsOnHost(call, errno) ? ofSituation(call, errno, host) : "";
        return situation.isEmpty() ? ofTable(call, errno) : situation;
    }

    /// Whether it is the JVM that makes a process, and not a process of a plan.
    private static boolean isLaunch(String call) {
        return call.startsWith("clone3(") && !call.startsWith("clone3({flags=CLONE_PARENT");
    }

    private static boolean isLayerWithComma(String call) {
        int path = call.indexOf("dir\", \"") + 7;
        return call.startsWith("fsconfig(") && path > 7 && call.indexOf(',', path) < call.lastIndexOf("\", ");
    }

    /// Whether [#forCall] looks at the host's files.
    public static boolean dependsOnHost(String call, Errno errno) {
        boolean refused = errno.equals(Errno.EPERM) || errno.equals(Errno.EACCES);
        return isLaunch(call) || refused && !call.startsWith("execve(");
    }

    private static String ofTable(String call, Errno errno) {
        for (String[] row : TABLE) {
            if (call.startsWith(row[0]) && errno.name().equals(row[1])) {
                return row[2];
            }
        }
        return "";
    }

    private static String ofSituation(String call, Errno errno, HostFiles host) {
        if (host.ubuntuRestricts()) {
            return SecurityModules.ubuntu(host); // a launch gets no further than its first use of a capability
        }
        if (errno.equals(Errno.EACCES) && call.startsWith("memfd_create(")) {
            return nowhereExecutable();
        }
        if (errno.equals(Errno.EACCES)) {
            return call.startsWith("execveat(") ? notExecutable(host) : mounts(call) ? SecurityModules.deniedMount(host) : "";
        }
        if (call.startsWith("fsmount(")) {
            return OuterContainer.maskedProc(host);
        }
        boolean confined = !SecurityModules.confining(host).isEmpty();
        return confined && (mounts(call) || call.startsWith("sethostname(")) ? SecurityModules.deniedMount(host) : "";
    }

    private static String kernelParameter(Errno errno) {
        return switch (errno.name()) {
            case "ENOENT" -> "there is no such kernel parameter, or a new namespace has none of its own";
            case "EINVAL", "ERANGE" -> "the kernel does not take this value";
            case "EACCES", "EPERM" -> "only the host's root may set this kernel parameter; those of ipc can be set in a user"
                    + " namespace since Linux 6.9";
            default -> "";
        };
    }

    private static boolean mounts(String call) {
        return call.startsWith("move_mount(") || call.startsWith("fsopen(") || call.startsWith("fsmount(")
                || call.startsWith("mount_setattr(") || call.startsWith("pivot_root(");
    }

    /// No file for the launcher can be made that may be executed.
    private static String nowhereExecutable() {
        return "vm.memfd_noexec is 2, so memory files can't be executed here, and no directory for an executable file was"
                + " found: mount $XDG_RUNTIME_DIR, the JVM's java.io.tmpdir, /var/tmp or /run without noexec, or: "
                + ALLOW_MEMFD;
    }

    private static String notExecutable(HostFiles host) {
        if (host.text("/proc/sys/vm/memfd_noexec").equals("2")) {
            return "vm.memfd_noexec is 2: " + ALLOW_MEMFD;
        }
        String profile = SecurityModules.confining(host);
        if (!profile.isEmpty()) {
            return "AppArmor profile '" + profile + "' forbids to execute the launcher's memory file";
        }
        return host.seLinuxEnforces()
                ? SecurityModules.seLinux()
                : "the launcher's memory file may not be executed: a security module forbids it";
    }
}
