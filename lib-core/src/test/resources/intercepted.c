// SPDX-License-Identifier: Apache-2.0
// Makes system calls in ways that shells do not, for the tests of intercepted calls. Prints what they returned, errnos negative.
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

static long make(long number, long first, long sixth) {
    long result = number;
    register long r10 asm("r10") = 0, r8 asm("r8") = 0, r9 asm("r9") = sixth;
    asm volatile("syscall" : "+a"(result) : "D"(first), "S"(0L), "d"(0L), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
    return result;
}

static long int80(int number) {
    int result = number;
    asm volatile("int $0x80" : "+a"(result) : "b"(0), "c"(0), "d"(0) : "r8", "r9", "r10", "r11", "memory");
    return result;
}

// A filter of its own about getppid(2).
static long filter(unsigned flags, unsigned action) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, action),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {4, code};
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    return result < 0 ? -errno : 0;
}

static void tick(int signal) { (void)signal; }

static void *many(void *count) {
    for (long i = 0; i < (long)count; i++)
        if (make(SYS_getppid, 0, 0) != 4711) abort();
    return 0;
}

static char path[16] = "/tmp/good";
static volatile int over;

static void *swap(void *unused) {
    while (!over) {
        memcpy(path, "/tmp/evil", 10);
        asm volatile("pause" ::: "memory");
        memcpy(path, "/tmp/good", 10);
        asm volatile("pause" ::: "memory");
    }
    return unused;
}

// Removes a directory by a path that changes all the time.
static void race(void) {
    pthread_t thread;
    mkdir("/tmp/evil", 0700);
    pthread_create(&thread, 0, swap, 0);
    for (int i = 0; i < 500 && !access("/tmp/evil", F_OK); i++) {
        mkdir("/tmp/good", 0700);
        make(SYS_rmdir, (long)path, 0);
    }
    over = 1;
    pthread_join(thread, 0);
    puts(access("/tmp/evil", F_OK) ? "evil is gone" : "evil is there");
}

int main(int argc, char **argv) {
    const char *how = argv[1];
    long number = argc > 2 ? atol(argv[2]) : 0;
    if (!strcmp(how, "call")) {
        for (int i = 3; i < argc; i++) printf("%ld ", make(number, 0, strtoul(argv[i], 0, 0)));
        printf("%ld\n", make(number, 0, 0));
    } else if (!strcmp(how, "int80")) {
        printf("%ld\n", int80(number));
    } else if (!strcmp(how, "x32")) {
        printf("%ld\n", make(number | 0x40000000, 0, 0));
    } else if (!strcmp(how, "stricter")) {
        printf("%ld ", filter(0, SECCOMP_RET_ERRNO | ENOTTY));
        printf("%ld\n", make(SYS_getppid, 0, 0));
    } else if (!strcmp(how, "listener")) {
        printf("%ld\n", filter(SECCOMP_FILTER_FLAG_NEW_LISTENER, SECCOMP_RET_USER_NOTIF));
    } else if (!strcmp(how, "race")) {
        race();
    } else if (!strcmp(how, "signals")) {
        struct sigaction action = {.sa_handler = tick, .sa_flags = SA_RESTART};
        struct itimerval often = {{0, 10000}, {0, 10000}};
        sigaction(SIGALRM, &action, 0);
        setitimer(ITIMER_REAL, &often, 0);
        printf("%ld\n", make(SYS_getppid, 0, 0));
    } else if (!strcmp(how, "threads")) {
        pthread_t threads[64];
        long each = atol(argv[3]);
        for (int i = 0; i < number; i++) pthread_create(&threads[i], 0, many, (void *)each);
        for (int i = 0; i < number; i++) pthread_join(threads[i], 0);
        puts("done");
    }
    return 0;
}
