// SPDX-License-Identifier: Apache-2.0
package org.dolium.seccomp;

/// The system calls of Linux up to release 7.0.
final class SyscallLines {
    /// On each line the release that added the calls, then `name/x86-64/AArch64/widths`: the numbers, and a bit for each
    /// argument of which the kernel looks at the low 32 bits only, and 256 times the bit too if at the low 16 only. That is
    /// what its definitions say (`SYSCALL_DEFINE`); the flags of clone(2) are declared as a long, but cut to 32 bits too.
    static final String TEXT = """
            2.6 read/0/63/1 write/1/64/1 open/2/-/1030 close/3/57/1 stat/4/-/0 fstat/5/80/1 lstat/6/-/0 poll/7/-/6 lseek/8/62/5
            2.6 mmap/9/222/0 mprotect/10/226/0 munmap/11/215/0 brk/12/214/0 rt_sigaction/13/134/1 rt_sigprocmask/14/135/1
            2.6 rt_sigreturn/15/139/0 ioctl/16/29/3 pread64/17/67/1 pwrite64/18/68/1 readv/19/65/0 writev/20/66/0 access/21/-/2
            2.6 pipe/22/-/0 select/23/-/1 sched_yield/24/124/0 mremap/25/216/0 msync/26/227/4 mincore/27/232/0 madvise/28/233/4
            2.6 shmget/29/194/5 shmat/30/196/5 shmctl/31/195/3 dup/32/23/1 dup2/33/-/3 pause/34/-/0 nanosleep/35/101/0
            2.6 getitimer/36/102/1 alarm/37/-/1 setitimer/38/103/1 getpid/39/172/0 sendfile/40/71/3 socket/41/198/7
            2.6 connect/42/203/5 accept/43/202/1 sendto/44/206/41 recvfrom/45/207/9 sendmsg/46/211/5 recvmsg/47/212/5
            2.6 shutdown/48/210/3 bind/49/200/5 listen/50/201/3 getsockname/51/204/1 getpeername/52/205/1 socketpair/53/199/7
            2.6 setsockopt/54/208/23 getsockopt/55/209/7 clone/56/220/1 fork/57/-/0 vfork/58/-/0 execve/59/221/0 exit/60/93/1
            2.6 wait4/61/260/5 kill/62/129/3 uname/63/160/0 semget/64/190/7 semop/65/193/5 semctl/66/191/7 shmdt/67/197/0
            2.6 msgget/68/186/3 msgsnd/69/189/9 msgrcv/70/188/17 msgctl/71/187/3 fcntl/72/25/3 flock/73/32/3 fsync/74/82/1
            2.6 fdatasync/75/83/1 truncate/76/45/0 ftruncate/77/46/1 getdents/78/-/5 getcwd/79/17/0 chdir/80/49/0 fchdir/81/50/1
            2.6 rename/82/-/0 mkdir/83/-/514 rmdir/84/-/0 creat/85/-/514 link/86/-/0 unlink/87/-/0 symlink/88/-/0
            2.6 readlink/89/-/4 chmod/90/-/514 fchmod/91/52/515 chown/92/-/6 fchown/93/55/7 lchown/94/-/6 umask/95/166/1
            2.6 gettimeofday/96/169/0 getrlimit/97/163/1 getrusage/98/165/1 sysinfo/99/179/0 times/100/153/0 ptrace/101/117/0
            2.6 getuid/102/174/0 syslog/103/116/5 getgid/104/176/0 setuid/105/146/1 setgid/106/144/1 geteuid/107/175/0
            2.6 getegid/108/177/0 setpgid/109/154/3 getppid/110/173/0 getpgrp/111/-/0 setsid/112/157/0 setreuid/113/145/3
            2.6 setregid/114/143/3 getgroups/115/158/1 setgroups/116/159/1 setresuid/117/147/7 getresuid/118/148/0
            2.6 setresgid/119/149/7 getresgid/120/150/0 getpgid/121/155/1 setfsuid/122/151/1 setfsgid/123/152/1 getsid/124/156/1
            2.6 capget/125/90/0 capset/126/91/0 rt_sigpending/127/136/0 rt_sigtimedwait/128/137/0 rt_sigqueueinfo/129/138/3
            2.6 rt_sigsuspend/130/133/0 sigaltstack/131/132/0 utime/132/-/0 mknod/133/-/518 uselib/134/-/0 personality/135/92/1
            2.6 ustat/136/-/1 statfs/137/43/0 fstatfs/138/44/1 sysfs/139/-/1 getpriority/140/141/3 setpriority/141/140/7
            2.6 sched_setparam/142/118/1 sched_getparam/143/121/1 sched_setscheduler/144/119/3 sched_getscheduler/145/120/1
            2.6 sched_get_priority_max/146/125/1 sched_get_priority_min/147/126/1 sched_rr_get_interval/148/127/1
            2.6 mlock/149/228/0 munlock/150/229/0 mlockall/151/230/1 munlockall/152/231/0 vhangup/153/58/0 modify_ldt/154/-/1
            2.6 pivot_root/155/41/0 _sysctl/156/-/0 prctl/157/167/1 arch_prctl/158/-/1 adjtimex/159/171/0 setrlimit/160/164/1
            2.6 chroot/161/51/0 sync/162/81/0 acct/163/89/0 settimeofday/164/170/0 mount/165/40/0 umount2/166/39/2
            2.6 swapon/167/224/2 swapoff/168/225/0 reboot/169/142/7 sethostname/170/161/2 setdomainname/171/162/2 iopl/172/-/1
            2.6 ioperm/173/-/4 create_module/174/-/0 init_module/175/105/0 delete_module/176/106/2 get_kernel_syms/177/-/0
            2.6 query_module/178/-/0 quotactl/179/60/5 nfsservctl/180/42/0 getpmsg/181/-/0 putpmsg/182/-/0 afs_syscall/183/-/0
            2.6 tuxcall/184/-/0 security/185/-/0 gettid/186/178/0 readahead/187/213/1 setxattr/188/5/16 lsetxattr/189/6/16
            2.6 fsetxattr/190/7/17 getxattr/191/8/0 lgetxattr/192/9/0 fgetxattr/193/10/1 listxattr/194/11/0 llistxattr/195/12/0
            2.6 flistxattr/196/13/1 removexattr/197/14/0 lremovexattr/198/15/0 fremovexattr/199/16/1 tkill/200/130/3
            2.6 time/201/-/0 futex/202/98/38 sched_setaffinity/203/122/3 sched_getaffinity/204/123/3 set_thread_area/205/-/0
            2.6 io_setup/206/0/1 io_destroy/207/1/0 io_getevents/208/4/0 io_submit/209/2/0 io_cancel/210/3/0
            2.6 get_thread_area/211/-/0 lookup_dcookie/212/18/0 epoll_create/213/-/1 epoll_ctl_old/214/-/0
            2.6 epoll_wait_old/215/-/0 remap_file_pages/216/234/0 getdents64/217/61/5 set_tid_address/218/96/0
            2.6 restart_syscall/219/128/0 semtimedop/220/192/5 fadvise64/221/223/9 timer_create/222/107/1
            2.6 timer_settime/223/110/3 timer_gettime/224/108/1 timer_getoverrun/225/109/1 timer_delete/226/111/1
            2.6 clock_settime/227/112/1 clock_gettime/228/113/1 clock_getres/229/114/1 clock_nanosleep/230/115/3
            2.6 exit_group/231/94/1 epoll_wait/232/-/13 epoll_ctl/233/21/7 tgkill/234/131/7 utimes/235/-/0 vserver/236/-/0
            2.6.6 mbind/237/235/32 set_mempolicy/238/237/1 get_mempolicy/239/236/0 mq_open/240/180/1030 mq_unlink/241/181/0
            2.6.6 mq_timedsend/242/182/9 mq_timedreceive/243/183/1 mq_notify/244/184/1 mq_getsetattr/245/185/1
            2.6.10 waitid/247/95/11 add_key/248/217/16 request_key/249/218/8 keyctl/250/219/1
            2.6.13 kexec_load/246/104/0 ioprio_set/251/30/7 ioprio_get/252/31/3 inotify_init/253/-/0 inotify_add_watch/254/27/5
            2.6.13 inotify_rm_watch/255/28/3
            2.6.16 migrate_pages/256/238/1 openat/257/56/2061 mkdirat/258/34/1029 mknodat/259/33/1037 fchownat/260/54/29
            2.6.16 futimesat/261/-/1 newfstatat/262/79/9 unlinkat/263/35/5 renameat/264/38/5 linkat/265/37/21 symlinkat/266/36/2
            2.6.16 readlinkat/267/78/9 fchmodat/268/53/1029 faccessat/269/48/5 pselect6/270/72/1 ppoll/271/73/2 unshare/272/97/0
            2.6.17 set_robust_list/273/99/0 get_robust_list/274/100/1 splice/275/76/37 tee/276/77/11 sync_file_range/277/84/9
            2.6.17 vmsplice/278/75/9
            2.6.18 move_pages/279/239/33
            2.6.19 epoll_pwait/281/22/13
            2.6.22 utimensat/280/88/9 signalfd/282/-/1 eventfd/284/-/1
            2.6.23 fallocate/285/47/3
            2.6.25 timerfd_create/283/85/3 timerfd_settime/286/86/3 timerfd_gettime/287/87/1
            2.6.27 signalfd4/289/74/9 eventfd2/290/19/3 epoll_create1/291/20/1 dup3/292/24/7 pipe2/293/59/2
            2.6.27 inotify_init1/294/26/1
            2.6.28 accept4/288/242/9
            2.6.30 preadv/295/69/0 pwritev/296/70/0
            2.6.31 rt_tgsigqueueinfo/297/240/7 perf_event_open/298/241/14
            2.6.33 recvmmsg/299/243/13
            2.6.36 prlimit64/302/261/3
            2.6.37 fanotify_init/300/262/3 fanotify_mark/301/263/11
            2.6.39 name_to_handle_at/303/264/17 open_by_handle_at/304/265/5 clock_adjtime/305/266/1 syncfs/306/267/1
            3.0 sendmmsg/307/269/13 setns/308/268/3
            3.1 getcpu/309/168/0
            3.2 process_vm_readv/310/270/1 process_vm_writev/311/271/1
            3.5 kcmp/312/272/7
            3.8 finit_module/313/273/5
            3.14 sched_setattr/314/274/5 sched_getattr/315/275/13
            3.15 renameat2/316/276/21
            3.17 seccomp/317/277/3 getrandom/318/278/4 memfd_create/319/279/2 kexec_file_load/320/294/3
            3.18 bpf/321/280/5
            3.19 execveat/322/281/17
            4.3 userfaultfd/323/282/1 membarrier/324/283/7
            4.4 mlock2/325/284/4
            4.5 copy_file_range/326/285/37
            4.6 preadv2/327/286/32 pwritev2/328/287/32
            4.9 pkey_mprotect/329/288/8 pkey_alloc/330/289/0 pkey_free/331/290/1
            4.11 statx/332/291/13
            4.18 io_pgetevents/333/292/0 rseq/334/293/14
            5.1 pidfd_send_signal/424/424/11 io_uring_setup/425/425/1 io_uring_enter/426/426/15 io_uring_register/427/427/11
            5.2 open_tree/428/428/5 move_mount/429/429/21 fsopen/430/430/2 fsconfig/431/431/19 fsmount/432/432/7
            5.2 fspick/433/433/5
            5.3 pidfd_open/434/434/3 clone3/435/435/0
            5.6 openat2/437/437/1 pidfd_getfd/438/438/7
            5.8 faccessat2/439/439/13
            5.9 close_range/436/436/7
            5.10 process_madvise/440/440/25
            5.11 epoll_pwait2/441/441/5
            5.12 mount_setattr/442/442/5
            5.13 landlock_create_ruleset/444/444/4 landlock_add_rule/445/445/11 landlock_restrict_self/446/446/3
            5.14 quotactl_fd/443/443/7 memfd_secret/447/447/1
            5.15 process_mrelease/448/448/3
            5.16 futex_waitv/449/449/22
            5.17 set_mempolicy_home_node/450/450/0
            6.5 cachestat/451/451/9
            6.6 fchmodat2/452/452/1037 map_shadow_stack/453/453/4
            6.7 futex_wake/454/454/12 futex_wait/455/455/40 futex_requeue/456/456/14
            6.8 statmount/457/457/8 listmount/458/458/8 lsm_get_self_attr/459/459/9 lsm_set_self_attr/460/460/13
            6.8 lsm_list_modules/461/461/4
            6.10 mseal/462/462/0
            6.11 uretprobe/335/-/0
            6.13 setxattrat/463/463/5 getxattrat/464/464/5 listxattrat/465/465/5 removexattrat/466/466/5
            6.15 open_tree_attr/467/467/5
            6.17 file_getattr/468/468/17 file_setattr/469/469/17
            6.18 uprobe/336/-/0
            6.19 listns/470/470/8
            7.0 rseq_slice_yield/471/471/0
            """;

    private SyscallLines() {}
}
