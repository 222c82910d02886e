// SPDX-License-Identifier: Apache-2.0
// Tries system calls without making any: says what the filters in force would do about each. Idea: bubblewrap's try-syscall.
//
// A child adds one more filter, which asks its parent about every call. The kernel takes the strictest answer of all
// filters, so the parent is asked only about calls that every other filter allows; and it says no with an errno that no
// filter uses. Both share their descriptors, so that the parent has the child's listener.
//
// Standard input: one call a line, `64` or `32` (int 0x80), the number, six arguments. Standard output: `allowed`, or
// what the call returned.
#include <errno.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 1 << 20, ASKED = 999 };

struct call {
    int bits;
    unsigned long number, args[6];
    long result;
};

struct shared {
    volatile int listener, done, count, at;
    struct call calls[];
};

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static long make64(const struct call *call) {
    long result = call->number;
    register unsigned long r10 asm("r10") = call->args[3], r8 asm("r8") = call->args[4], r9 asm("r9") = call->args[5];
    asm volatile("syscall" : "+a"(result) : "D"(call->args[0]), "S"(call->args[1]), "d"(call->args[2]), "r"(r10), "r"(r8), "r"(r9)
                 : "rcx", "r11", "memory");
    return result;
}

static long make32(const struct call *call) {
    int result = call->number;
    asm volatile("int $0x80" : "+a"(result) : "b"(call->args[0]), "c"(call->args[1]), "d"(call->args[2]), "S"(call->args[3]),
                 "D"(call->args[4]) : "r8", "r9", "r10", "r11", "memory");
    return result;
}

static void child(struct shared *shared) {
    struct sock_filter ask[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF)};
    struct sock_fprog program = {1, ask};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    long listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
    if (listener < 0) {
        shared->listener = -errno;
        _exit(1);
    }
    shared->listener = listener;
    for (int i = 0; i < shared->count; i++) {
        struct call *call = &shared->calls[i];
        shared->at = i;
        call->result = call->bits == 32 ? make32(call) : make64(call);
    }
    shared->done = 1;
    for (;;) {
    }
}

static void answer(int listener) {
    struct seccomp_notif question;
    memset(&question, 0, sizeof question);
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &question) != 0) {
        return;
    }
    struct seccomp_notif_resp response = {.id = question.id, .error = -ASKED};
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

int main(void) {
    struct shared *shared = mmap(NULL, sizeof *shared + MOST * sizeof(struct call), PROT_READ | PROT_WRITE,
                                 MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (shared == MAP_FAILED) {
        fail("mmap");
    }
    for (struct call *c = shared->calls; shared->count < MOST; c++, shared->count++) {
        if (scanf("%d %lx %lx %lx %lx %lx %lx %lx", &c->bits, &c->number, &c->args[0], &c->args[1], &c->args[2], &c->args[3],
                  &c->args[4], &c->args[5]) != 8) {
            break;
        }
    }
    shared->listener = -1000000;
    pid_t pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
    if (pid < 0) {
        fail("clone");
    }
    if (pid == 0) {
        child(shared);
    }
    while (shared->listener == -1000000) {
        usleep(100);
    }
    if (shared->listener < 0) {
        errno = -shared->listener;
        fail("seccomp");
    }
    struct pollfd asked = {.fd = shared->listener, .events = POLLIN};
    int status = 0, ended = 0;
    while (!shared->done && !ended) {
        if (poll(&asked, 1, 5) == 1 && (asked.revents & POLLIN)) {
            answer(shared->listener);
        } else {
            ended = waitpid(pid, &status, WNOHANG) == pid; // before Linux 6.11 POLLHUP comes only after that
        }
    }
    if (!ended) {
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
    } else {
        fprintf(stderr, "ended with status %#x in call %d\n", status, shared->at);
    }
    for (int i = 0; i < shared->count; i++) {
        if (shared->calls[i].result == -ASKED) {
            puts("allowed");
        } else {
            printf("%ld\n", shared->calls[i].result);
        }
    }
    return shared->done ? 0 : 1;
}
