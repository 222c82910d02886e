// SPDX-License-Identifier: Apache-2.0
// What runs in the child, which shares the parent's memory until its exec.
#define _GNU_SOURCE
#include "limit.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// The number that the plan has for the first descriptor that is passed to it.
#define FIRST_PASSED 4

volatile struct report report;
int null_fd = -1;

// In the child: the thread-local errno of libc belongs to the parent, so libc's wrappers must not be used.
static inline __attribute__((always_inline)) int64_t call(int64_t nr, int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f) {
#if defined(__x86_64__)
    int64_t ret;
    register int64_t r10 __asm__("r10") = d;
    register int64_t r8 __asm__("r8") = e;
    register int64_t r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(ret)
                     : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return ret;
#elif defined(__aarch64__)
    register int64_t x8 __asm__("x8") = nr;
    register int64_t x0 __asm__("x0") = a;
    register int64_t x1 __asm__("x1") = b;
    register int64_t x2 __asm__("x2") = c;
    register int64_t x3 __asm__("x3") = d;
    register int64_t x4 __asm__("x4") = e;
    register int64_t x5 __asm__("x5") = f;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
#else
#error "only x86-64 and AArch64"
#endif
}

static void give_up(int step, int64_t error) {
    report.step = step;
    report.error = (int) error;
    call(SYS_exit_group, 127, 0, 0, 0, 0, 0);
}

static void child_streams(void) {
    for (int fd = 0; fd < 3; fd++) {
        call(SYS_dup3, null_fd, fd, 0, 0, 0, 0);
    }
}

int perform(void *argument) {
    struct subject *s = argument;
    call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0, 0);
    child_streams();
    for (int i = 0; i < s->groups.task_count; i++) {
        call(SYS_dup3, s->groups.task_fds[i], FIRST_PASSED + i, 0, 0, 0, 0);
    }
    if (s->head.id_maps) {
        while (report.go == 0) {
            call(SYS_futex, (int64_t) &report.go, FUTEX_WAIT_PRIVATE, 0, 0, 0, 0);
        }
    }
    for (uint64_t i = 0; i < s->head.step_count; i++) {
        struct step *step = &s->steps[i];
        if (step->kind == IS_EXPECTATION) {
            if (s->results[step->arg[0].value] != ABSENT
                    && (*(uint64_t *) step->arg[1].value & step->arg[2].value) != step->arg[3].value) {
                give_up((int) i, EPROTO);
            }
            continue;
        }
        if (step->kind == IS_FORK) {
            // on the same stack and in the same memory: this process goes on when the other one has left it, and only ends
            int64_t pid = call((int64_t) step->nr, CLONE_PARENT | CLONE_VM | CLONE_VFORK | SIGCHLD, 0, 0, 0, 0, 0);
            if (pid < 0) {
                give_up((int) i, -pid);
            }
            if (pid > 0) {
                report.next = (int) pid;
                call(SYS_exit_group, 0, 0, 0, 0, 0, 0);
            }
            continue;
        }
        int64_t value[6];
        int absent = 0;
        for (int k = 0; k < 6; k++) {
            if (step->arg[k].kind == FROM_RESULT) {
                value[k] = s->results[step->arg[k].value];
                absent |= value[k] == ABSENT;
            } else {
                value[k] = (int64_t) step->arg[k].value;
            }
        }
        if (absent) {
            s->results[i] = ABSENT;
            continue;
        }
        int64_t result = call((int64_t) step->nr, value[0], value[1], value[2], value[3], value[4], value[5]);
        if (result < 0 && result > -4096) {
            int64_t error = -result;
            if (error >= 192 || !(step->tolerated[error / 64] >> (error % 64) & 1)) {
                give_up((int) i, error);
            }
            result = ABSENT;
        } else if (step->expected != ANY && (uint64_t) result != step->expected) {
            give_up((int) i, EPROTO);
        }
        s->results[i] = result;
    }
    give_up((int) s->head.step_count, ENOEXEC); // the last step is an execve
    return 0;
}

int run_program(void *argument) {
    struct subject *s = argument;
    child_streams();
    call(SYS_execve, (int64_t) s->argv[0], (int64_t) s->argv, (int64_t) environ, 0, 0, 0);
    give_up(0, ENOENT);
    return 0;
}
