// SPDX-License-Identifier: Apache-2.0
package org.dolium.linux;

/// The system calls that Dolium makes, with their numbers on each architecture. Numbers never change in Linux, so
/// this is a constant table; see syscalls(2).
public enum Sys {
    READ(0, 63),
    WRITE(1, 64),
    CLOSE(3, 57),
    MMAP(9, 222),
    MPROTECT(10, 226),
    RT_SIGACTION(13, 134),
    RT_SIGPROCMASK(14, 135),
    SOCKET(41, 198),
    SENDTO(44, 206),
    RECVFROM(45, 207),
    SENDMSG(46, 211),
    RECVMSG(47, 212),
    SOCKETPAIR(53, 199),
    IOCTL(16, 29),
    PREAD64(17, 67),
    PWRITE64(18, 68),
    FCNTL(72, 25),
    FSYNC(74, 82),
    FTRUNCATE(77, 46),
    FCHDIR(81, 50),
    CHDIR(80, 49),
    GETCWD(79, 17),
    FCHMOD(91, 52),
    UMASK(95, 166),
    GETUID(102, 174),
    GETGID(104, 176),
    GETPID(39, 172),
    GETTID(186, 178),
    SETGROUPS(116, 159),
    SETRESUID(117, 147),
    GETRESUID(118, 148),
    SETRESGID(119, 149),
    GETRESGID(120, 150),
    CAPGET(125, 90),
    CAPSET(126, 91),
    FSTATFS(138, 44),
    GETXATTR(191, 8),
    FSETXATTR(190, 7),
    GETDENTS64(217, 61),
    FLOCK(73, 32),
    KILL(62, 129),
    SETPRIORITY(141, 140),
    SETSID(112, 157),
    PRCTL(157, 167),
    PERSONALITY(135, 92),
    MOUNT(165, 40),
    UMOUNT2(166, 39),
    PIVOT_ROOT(155, 41),
    SETHOSTNAME(170, 161),
    SETDOMAINNAME(171, 162),
    SCHED_SETAFFINITY(203, 122),
    SCHED_SETSCHEDULER(144, 119),
    ADD_KEY(248, 217),
    KEYCTL(250, 219),
    IOPRIO_SET(251, 30),
    EPOLL_PWAIT(281, 22),
    EPOLL_CTL(233, 21),
    EPOLL_CREATE1(291, 20),
    EVENTFD2(290, 19),
    WAITID(247, 95),
    OPENAT(257, 56),
    MKDIRAT(258, 34),
    MKNODAT(259, 33),
    FCHOWNAT(260, 54),
    UNLINKAT(263, 35),
    LINKAT(265, 37),
    SYMLINKAT(266, 36),
    READLINKAT(267, 78),
    FACCESSAT(269, 48),
    FCHMODAT(268, 53),
    PPOLL(271, 73),
    UNSHARE(272, 97),
    UTIMENSAT(280, 88),
    DUP3(292, 24),
    PIPE2(293, 59),
    PRLIMIT64(302, 261),
    SYNCFS(306, 267),
    SETNS(308, 268),
    PROCESS_VM_READV(310, 270),
    KCMP(312, 272),
    RENAMEAT2(316, 276),
    SECCOMP(317, 277),
    GETRANDOM(318, 278),
    MEMFD_CREATE(319, 279),
    BPF(321, 280),
    EXECVE(59, 221),
    EXECVEAT(322, 281),
    EXIT_GROUP(231, 94),
    STATX(332, 291),
    PIDFD_SEND_SIGNAL(424, 424),
    OPEN_TREE(428, 428),
    MOVE_MOUNT(429, 429),
    FSOPEN(430, 430),
    FSCONFIG(431, 431),
    FSMOUNT(432, 432),
    PIDFD_OPEN(434, 434),
    CLONE(56, 220),
    CLONE3(435, 435),
    CLOSE_RANGE(436, 436),
    OPENAT2(437, 437),
    MOUNT_SETATTR(442, 442),
    LANDLOCK_CREATE_RULESET(444, 444),
    LANDLOCK_ADD_RULE(445, 445),
    LANDLOCK_RESTRICT_SELF(446, 446),
    FCHMODAT2(452, 452),
    LSM_GET_SELF_ATTR(459, 459),
    LSM_SET_SELF_ATTR(460, 460),
    LSM_LIST_MODULES(461, 461);

    private final int x86;
    private final int generic;

    Sys(int x86, int generic) {
        this.x86 = x86;
        this.generic = generic;
    }

    /// The number to put in the system call register on `arch`.
    public int number(Arch arch) {
        return arch == Arch.X86_64 ? x86 : generic;
    }

    /// The kernel's name of the call, as strace prints it.
    public String text() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
