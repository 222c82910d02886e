// SPDX-License-Identifier: Apache-2.0
package org.dolium.seccomp;

import java.util.ArrayList;
import java.util.List;
import java.util.StringTokenizer;
import org.dolium.capability.Capability;
import org.dolium.linux.Arch;
import org.dolium.linux.Errno;
import org.dolium.seccomp.SeccompCondition.Comparison;

/// The rules of the profiles that Dolium brings. Later rules take precedence over earlier ones.
final class Profiles {
    /// What a compiler, a shell or a JVM needs.
    private static final String PLAIN = """
            accept accept4 access alarm bind brk cachestat capget chdir chmod chown clock_getres clock_gettime
            clock_nanosleep close close_range connect copy_file_range creat dup dup2 dup3 epoll_create epoll_create1
            epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2 execve execveat exit exit_group faccessat
            faccessat2 fadvise64 fallocate fchdir fchmod fchmodat fchmodat2 fchown fchownat fcntl fdatasync
            fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat fstatfs fsync ftruncate futex futex_requeue
            futex_wait futex_waitv futex_wake futimesat getcpu getcwd getdents getdents64 getegid geteuid getgid
            getgroups getitimer getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid getresuid
            getrlimit get_robust_list getrusage getsid getsockname getsockopt gettid gettimeofday getuid getxattr
            getxattrat inotify_add_watch inotify_init inotify_init1 inotify_rm_watch ioprio_get kill
            landlock_add_rule landlock_create_ruleset landlock_restrict_self lchown lgetxattr link linkat listen
            listxattr listxattrat llistxattr lremovexattr lseek lsetxattr lstat madvise membarrier memfd_create
            mincore mkdir mkdirat mlock mlock2 mmap mprotect mremap mseal msync munlock munlockall munmap nanosleep
            newfstatat open openat openat2 pause pidfd_open pidfd_send_signal pipe pipe2 poll ppoll prctl pread64
            preadv preadv2 prlimit64 pselect6 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv
            recvfrom recvmmsg recvmsg removexattr removexattrat rename renameat renameat2 restart_syscall rmdir rseq
            rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait
            rt_tgsigqueueinfo sched_getaffinity sched_getattr sched_getparam sched_get_priority_max
            sched_get_priority_min sched_getscheduler sched_rr_get_interval sched_setaffinity sched_yield select
            sendfile sendmmsg sendmsg sendto setitimer setpgid setpriority setrlimit set_robust_list setsid
            setsockopt set_tid_address setxattr setxattrat shutdown sigaltstack signalfd signalfd4 splice stat
            statfs statx symlink symlinkat sync sync_file_range syncfs sysinfo tee tgkill time timer_create
            timer_delete timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime
            times tkill truncate umask uname unlink unlinkat uretprobe utime utimensat utimes vfork wait4 waitid
            write writev
            """;

    /// What servers and package managers need besides.
    private static final String SERVICES = """
            adjtimex capset clock_adjtime epoll_ctl_old epoll_wait_old fanotify_mark get_thread_area io_cancel
            io_destroy io_getevents io_pgetevents ioprio_set io_setup io_submit listmount map_shadow_stack
            memfd_secret mknod mknodat mlockall mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend
            mq_unlink msgctl msgget msgrcv msgsnd name_to_handle_at pkey_alloc pkey_free pkey_mprotect
            process_mrelease remap_file_pages sched_setattr sched_setparam sched_setscheduler seccomp semctl semget
            semop semtimedop setfsgid setfsuid setgid setgroups setregid setresgid setresuid setreuid
            set_thread_area setuid shmat shmctl shmdt shmget statmount vmsplice
            """;

    private static final SeccompAction NOT_PERMITTED = SeccompAction.errno(Errno.EPERM);
    private static final SeccompAction MISSING = SeccompAction.errno(Errno.ENOSYS);
    private static final SeccompAction NO_FAMILY = SeccompAction.errno(new Errno(97));
    private static final SeccompAction NO_PROTOCOL = SeccompAction.errno(new Errno(93));

    private static final int AF_UNIX = 1;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int AF_NETLINK = 16;
    private static final int AF_PACKET = 17;
    private static final int AF_ALG = 38;
    private static final int AF_VSOCK = 40;
    /// Routes, sockets' diagnosis, devices' events, generic families: not the packet filter and not the audit log.
    private static final int[] NETLINK_PROTOCOLS = {0, 4, 15, 16};

    private static final int TIOCSTI = 0x5412;
    private static final int TIOCLINUX = 0x541c;
    private static final int S_IFMT = 0170000;
    private static final int S_IFREG = 0100000;
    private static final int S_IFIFO = 0010000;

    /// Every `CLONE_NEW` flag that clone(2) takes.
    private static final long NEW_NAMESPACES = 0x7e020000;

    private static final long CLONE_PARENT = 0x8000;

    private static final long[] PERSONALITIES = {0, 8, 0x20000, 0x20008, 0xffffffffL};

    private final List<SeccompRule> rules = new ArrayList<>();

    private Profiles() {}

    static List<SeccompRule> standard() {
        Profiles profile = new Profiles();
        profile.common();
        profile.allow("uprobe rseq_slice_yield");
        profile.capabilities();
        profile.add(SeccompRule.allow("pivot_root", "open_tree_attr", "listns").with(Capability.SYS_ADMIN));
        profile.sockets();
        profile.terminals();
        return List.copyOf(profile.rules);
    }

    static SeccompProfile dockerCompatible() {
        Profiles profile = new Profiles();
        profile.common();
        profile.capabilities();
        profile.allow("socketpair ioctl");
        profile.add(SeccompRule.allow("socket").when(family(Comparison.GT, AF_VSOCK)));
        profile.add(SeccompRule.allow("socket").when(SeccompCondition.equal(0, AF_ALG + 1)));
        profile.add(SeccompRule.allow("socket").when(family(Comparison.LT, AF_ALG)));
        return profile.denying("docker");
    }

    static SeccompProfile strict() {
        Profiles profile = new Profiles();
        profile.allow(PLAIN);
        profile.newerCalls();
        profile.threads();
        profile.personalities();
        profile.allow("arch_prctl uprobe rseq_slice_yield");
        profile.mknod("mknod", 1);
        profile.mknod("mknodat", 2);
        profile.add(SeccompRule.of(NO_FAMILY, "socket", "socketpair"));
        profile.add(SeccompRule.allow("socket", "socketpair").when(SeccompCondition.equal(0, AF_UNIX)));
        profile.terminals();
        return profile.denying("strict");
    }

    /// What a process that shares nearly everything with others of the host should not do besides.
    static List<SeccompRule> withoutNamespaces() {
        Profiles added = new Profiles();
        added.deny("chmod fchmodat fchmodat2 chown lchown fchownat setxattr lsetxattr setxattrat removexattr lremovexattr"
                + " removexattrat utime utimes futimesat file_setattr inotify_add_watch setsid setpgid");
        added.add(SeccompRule.of(NOT_PERMITTED, "utimensat").when(SeccompCondition.notEqual(1, 0)));
        added.add(SeccompRule.of(NOT_PERMITTED, "clone").when(SeccompCondition.masked(0, CLONE_PARENT, CLONE_PARENT)));
        for (String other : new String[] {"prlimit64", "sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler"}) {
            added.add(SeccompRule.of(NOT_PERMITTED, other).when(SeccompCondition.notEqual(0, 0)));
        }
        added.add(SeccompRule.of(NOT_PERMITTED, "setpriority").when(SeccompCondition.notEqual(0, 0)));
        added.add(SeccompRule.of(NOT_PERMITTED, "ioprio_set").when(SeccompCondition.notEqual(0, 1)));
        added.add(SeccompRule.of(NOT_PERMITTED, "setpriority", "ioprio_set").when(SeccompCondition.notEqual(1, 0)));
        added.add(SeccompRule.of(NO_FAMILY, "socket").when(SeccompCondition.equal(0, AF_UNIX)));
        added.allow("shmget shmat shmctl msgget msgsnd msgrcv msgctl semget semop semtimedop semctl mq_open mq_unlink");
        added.add(SeccompRule.of(MISSING, added.rules.removeLast().calls()));
        return List.copyOf(added.rules);
    }

    private void deny(String names) {
        allow(names);
        add(SeccompRule.of(NOT_PERMITTED, rules.removeLast().calls()));
    }

    private SeccompProfile denying(String name) {
        return new SeccompProfile(name, NOT_PERMITTED, MISSING, MISSING, rules);
    }

    private void add(SeccompRule rule) {
        rules.add(rule);
    }

    private void allow(String names) {
        List<String> calls = new ArrayList<>();
        StringTokenizer words = new StringTokenizer(names);
        while (words.hasMoreTokens()) {
            calls.add(words.nextToken());
        }
        add(SeccompRule.of(SeccompAction.ALLOW, calls));
    }

    /// What Docker's profile allows on a kernel of 2026 too; its calls that only 32-bit programs have are left out.
    private void common() {
        allow(PLAIN);
        allow(SERVICES);
        allow("ptrace process_vm_readv process_vm_writev");
        add(SeccompRule.allow("arch_prctl", "modify_ldt").on(Arch.X86_64));
        newerCalls();
        threads();
        personalities();
    }

    /// Programs that know of newer calls go on without, if they seem to be missing.
    private void newerCalls() {
        add(SeccompRule.of(MISSING, "open_tree_attr", "file_getattr", "file_setattr", "listns"));
    }

    /// The flags of clone3(2) are in memory, where a filter can't see them. Every C library goes on with clone(2).
    private void threads() {
        add(SeccompRule.of(MISSING, "clone3").without(Capability.SYS_ADMIN));
        add(SeccompRule.allow("clone").when(SeccompCondition.masked(0, NEW_NAMESPACES, 0)));
    }

    private void personalities() {
        for (long personality : PERSONALITIES) {
            add(SeccompRule.allow("personality").when(SeccompCondition.equal(0, personality)));
        }
    }

    /// Files and pipes, and no devices.
    private void mknod(String call, int mode) {
        add(SeccompRule.allow(call).when(SeccompCondition.masked(mode, S_IFMT, 0)));
        add(SeccompRule.allow(call).when(SeccompCondition.masked(mode, S_IFMT, S_IFREG)));
        add(SeccompRule.allow(call).when(SeccompCondition.masked(mode, S_IFMT, S_IFIFO)));
    }

    private void capabilities() {
        grant(Capability.DAC_READ_SEARCH, "open_by_handle_at");
        grant(Capability.SYS_ADMIN, "bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie"
                + " lsm_get_self_attr lsm_list_modules lsm_set_self_attr mount mount_setattr move_mount open_tree"
                + " perf_event_open quotactl quotactl_fd setdomainname sethostname setns syslog umount2 unshare");
        grant(Capability.SYS_BOOT, "reboot");
        grant(Capability.SYS_CHROOT, "chroot");
        grant(Capability.SYS_MODULE, "delete_module init_module finit_module");
        grant(Capability.SYS_PACCT, "acct");
        grant(Capability.SYS_PTRACE, "kcmp pidfd_getfd process_madvise");
        grant(Capability.SYS_RAWIO, "iopl ioperm");
        grant(Capability.SYS_TIME, "settimeofday clock_settime");
        grant(Capability.SYS_TTY_CONFIG, "vhangup");
        grant(Capability.SYS_NICE, "get_mempolicy mbind set_mempolicy set_mempolicy_home_node");
        grant(Capability.SYSLOG, "syslog");
        grant(Capability.BPF, "bpf");
        grant(Capability.PERFMON, "perf_event_open");
    }

    private void grant(Capability capability, String names) {
        allow(names);
        add(rules.removeLast().with(capability));
    }

    /// Local sockets, the Internet, and what a program needs to ask about its own network.
    private void sockets() {
        add(SeccompRule.of(NO_FAMILY, "socket", "socketpair"));
        SeccompCondition netlink = SeccompCondition.equal(0, AF_NETLINK);
        add(SeccompRule.of(NO_PROTOCOL, "socket").when(netlink).without(Capability.NET_ADMIN));
        for (int protocol : NETLINK_PROTOCOLS) {
            add(SeccompRule.allow("socket")
                    .when(netlink, SeccompCondition.equal(2, protocol))
                    .without(Capability.NET_ADMIN));
        }
        add(family(AF_NETLINK).with(Capability.NET_ADMIN));
        add(family(AF_PACKET).with(Capability.NET_RAW));
        add(family(AF_INET6));
        add(family(AF_INET));
        add(family(AF_UNIX));
        add(SeccompRule.allow("socketpair").when(SeccompCondition.equal(0, AF_UNIX)));
    }

    private static SeccompCondition family(Comparison comparison, int number) {
        return new SeccompCondition(0, comparison, number, -1);
    }

    private static SeccompRule family(int number) {
        return SeccompRule.allow("socket").when(SeccompCondition.equal(0, number));
    }

    /// A terminal may be shared with others: nothing is typed into it.
    private void terminals() {
        allow("ioctl");
        add(SeccompRule.of(NOT_PERMITTED, "ioctl").when(SeccompCondition.equal(1, TIOCSTI)));
        add(SeccompRule.of(NOT_PERMITTED, "ioctl").when(SeccompCondition.equal(1, TIOCLINUX)));
    }
}
