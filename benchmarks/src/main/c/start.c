// SPDX-License-Identifier: Apache-2.0
// Makes a child and waits for its end.
#define _GNU_SOURCE
#include "limit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

static char *child_stack;
static const size_t CHILD_STACK = 1 << 18;

void prepare_starts(void) {
    null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    child_stack = mmap(NULL, CHILD_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (null_fd < 0 || child_stack == MAP_FAILED) {
        perror("limit");
        exit(1);
    }
}

int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int write_file(const char *directory, const char *name, const char *bytes, size_t size) {
    char path[96];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, bytes, size) != (ssize_t) size) {
        int error = errno;
        if (fd >= 0) {
            close(fd);
        }
        return fail(name, error);
    }
    close(fd);
    return 0;
}

// The child shares this memory: what it did to its own dumpability it did to ours, and only a dumpable process's /proc
// files belong to its user.
static int map_ids(struct subject *s, pid_t pid) {
    char directory[32];
    snprintf(directory, sizeof directory, "/proc/%d", (int) pid);
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    if (s->head.deny_groups && write_file(directory, "setgroups", "deny", 4) != 0) {
        return -1;
    }
    if (write_file(directory, "uid_map", s->bytes + s->head.uid_map, s->head.uid_map_size) != 0) {
        return -1;
    }
    return write_file(directory, "gid_map", s->bytes + s->head.gid_map, s->head.gid_map_size);
}

// As clone(), but born into a cgroup. The child goes on in `run` on its own stack, and never returns.
static long clone_into(int flags, int cgroup, int *pidfd, int (*run)(void *), void *argument) {
    struct clone_args args = {
        .flags = (uint64_t) (flags & ~0xff) | CLONE_INTO_CGROUP,
        .pidfd = (uint64_t) pidfd,
        .exit_signal = SIGCHLD,
        .stack = (uint64_t) child_stack,
        .stack_size = CHILD_STACK,
        .cgroup = (uint64_t) cgroup,
    };
    long result;
#if defined(__x86_64__)
    __asm__ volatile("syscall\n\t"
                     "test %0, %0\n\t"
                     "jnz 1f\n\t"
                     "xor %%ebp, %%ebp\n\t"
                     "mov %3, %%rdi\n\t"
                     "call *%2\n\t"
                     "hlt\n"
                     "1:"
                     : "=a"(result)
                     : "a"((long) SYS_clone3), "r"(run), "r"(argument), "D"(&args), "S"(sizeof args)
                     : "rcx", "r11", "memory");
#else
    register long x8 __asm__("x8") = SYS_clone3;
    register long x0 __asm__("x0") = (long) &args;
    register long x1 __asm__("x1") = sizeof args;
    __asm__ volatile("svc 0\n\t"
                     "cbnz x0, 1f\n\t"
                     "mov x0, %3\n\t"
                     "blr %2\n\t"
                     "brk 1\n"
                     "1:"
                     : "+r"(x0)
                     : "r"(x8), "r"(run), "r"(argument), "r"(x1)
                     : "x30", "memory");
    result = x0;
#endif
    if (result < 0) {
        errno = (int) -result;
        return -1;
    }
    return result;
}

static int start_child(struct subject *s, int *pidfd) {
    int flags = CLONE_VM | CLONE_PIDFD | SIGCHLD;
    if (s->argv != NULL) {
        return clone(run_program, child_stack + CHILD_STACK, flags | CLONE_VFORK, s, pidfd);
    }
    memcpy(s->bytes + s->head.writable_from, s->pristine, s->head.bytes_size - s->head.writable_from);
    // with id maps to write, the parent must go on while the child waits
    flags |= (int) s->head.clone_flags | (s->head.id_maps ? 0 : CLONE_VFORK);
    if (s->groups.into >= 0) {
        return (int) clone_into(flags, s->groups.directory[s->groups.into], pidfd, perform, s);
    }
    return clone(perform, child_stack + CHILD_STACK, flags, s, pidfd);
}

// From the decision to start until the exit is known.
static int64_t start_once(struct subject *s) {
    int pidfd = -1, failed = 0;
    int64_t begin = now();
    report.error = 0;
    report.go = 0;
    report.next = 0;
    if (make_groups(&s->groups) != 0) {
        return -1;
    }
    pid_t pid = start_child(s, &pidfd);
    if (pid < 0) {
        int error = errno;
        remove_groups(&s->groups);
        return fail("clone", error);
    }
    if (s->head.id_maps) {
        failed = map_ids(s, pid);
        if (failed) {
            kill(pid, SIGKILL);
        }
        report.go = 1;
        syscall(SYS_futex, &report.go, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    }
    struct pollfd poll_fd = {.fd = pidfd, .events = POLLIN};
    siginfo_t info = {0};
    while (poll(&poll_fd, 1, -1) < 0 && errno == EINTR) {
    }
    int waited = waitid(P_PIDFD, (id_t) pidfd, &info, WEXITED);
    close(pidfd);
    if (waited == 0 && report.next != 0) {
        waited = waitid(P_PID, (id_t) report.next, &info, WEXITED);
    }
    failed |= remove_groups(&s->groups);
    int64_t end = now();
    if (failed) {
        return -1;
    }
    if (report.error != 0) {
        snprintf(message, sizeof message, "error %s: step %d: %s", s->name, report.step, strerror(report.error));
        return -1;
    }
    if (waited != 0 || info.si_code != CLD_EXITED || info.si_status != 0) {
        snprintf(message, sizeof message, "error %s: code %d status %d", s->name, info.si_code, info.si_status);
        return -1;
    }
    return end - begin;
}

// A program that was given a number of its own: the argument vector is made anew, outside of the measured time.
int64_t start(struct subject *s) {
    static int64_t number;
    if (s->argv == NULL) {
        return start_once(s);
    }
    struct subject own = *s;
    char *argv[128];
    char numbered[128][256];
    int i = 0;
    number++;
    for (; s->argv[i] != NULL && i < 127; i++) {
        char *at = strchr(s->argv[i], '@');
        argv[i] = s->argv[i];
        if (at != NULL) {
            snprintf(numbered[i], sizeof numbered[i], "%.*s%d-%lld%s", (int) (at - s->argv[i]), s->argv[i],
                    (int) getpid(), (long long) number, at + 1);
            argv[i] = numbered[i];
        }
    }
    argv[i] = NULL;
    own.argv = argv;
    return start_once(&own);
}
