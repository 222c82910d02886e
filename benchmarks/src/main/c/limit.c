// SPDX-License-Identifier: Apache-2.0
//
// The referee: how fast a warm C process can do what Dolium does.
//
// It performs a launch plan, step by step, in a child that shares its memory (as vfork(2)) and then execs the command:
// no second exec, no pipe, no thread hand-over. The plan comes from Dolium itself, so the work is equal by construction.
// It also starts other programs (the peers), with vfork and exec, so that nobody pays for being started from a JVM.
//
// One command a line on standard input, one answer a line on standard output:
//
//   plan NAME FILE             defines a subject that performs the plan
//   command NAME<TAB>ARG...    defines a subject that runs a program; @ in an argument becomes a number of its own
//   start NAME N GAP_MICROS    N starts, one after the other; answers N times start-to-exit in nanoseconds
//   rate NAME IN_FLIGHT MILLIS starts from IN_FLIGHT processes at once; answers the count and the nanoseconds taken
//
// An answer that begins with "error" tells what went wrong. The end of the input ends the program.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

// The plan file: little-endian 64-bit words (see PlanFile.java), then the bytes that the arguments point to.
#define MAGIC 0x314e414c504c4f44ULL // "DOLPLAN1"

enum { FROM_NUMBER, FROM_BYTES, FROM_RESULT };
enum { IS_CALL, IS_EXPECTATION };

struct header {
    uint64_t magic, clone_flags, id_maps, deny_groups, uid_map, uid_map_size, gid_map, gid_map_size;
    uint64_t step_count, relocation_count, bytes_size, writable_from;
};

// An expectation uses: step (0), address of the word (1), mask (2), value (3).
struct step {
    uint64_t kind, nr, expected, tolerated[3];
    struct { uint64_t kind, value; } arg[6];
};

#define ABSENT INT64_MIN
#define ANY UINT64_MAX

struct subject {
    char name[64];
    struct header head;
    struct step *steps;
    int64_t *results;
    char *bytes, *pristine;
    char **argv;
    struct subject *next;
};

static struct subject *subjects;
static char *child_stack;
static const size_t CHILD_STACK = 1 << 18;
static int null_fd = -1;
static volatile struct { int step, error; uint32_t go; } report;
static char message[512];

// In the child: the thread-local errno of libc belongs to the parent, so libc's wrappers must not be used.
static inline int64_t call(int64_t nr, int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f) {
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

static int perform(void *argument) {
    struct subject *s = argument;
    call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0, 0);
    child_streams();
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

static int run_program(void *argument) {
    struct subject *s = argument;
    child_streams();
    call(SYS_execve, (int64_t) s->argv[0], (int64_t) s->argv, (int64_t) environ, 0, 0, 0);
    give_up(0, ENOENT);
    return 0;
}

static int fail(const char *what, int error) {
    snprintf(message, sizeof message, "error %s: %s", what, strerror(error));
    return -1;
}

static int64_t now(void) {
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

static int start_child(struct subject *s, int *pidfd) {
    int flags = CLONE_VM | CLONE_PIDFD | SIGCHLD;
    if (s->argv != NULL) {
        return clone(run_program, child_stack + CHILD_STACK, flags | CLONE_VFORK, s, pidfd);
    }
    memcpy(s->bytes + s->head.writable_from, s->pristine, s->head.bytes_size - s->head.writable_from);
    // with id maps to write, the parent must go on while the child waits
    flags |= (int) s->head.clone_flags | (s->head.id_maps ? 0 : CLONE_VFORK);
    return clone(perform, child_stack + CHILD_STACK, flags, s, pidfd);
}

// From the decision to start until the exit is known; -1 after a failure.
static int64_t start(struct subject *s) {
    int pidfd = -1, failed = 0;
    int64_t begin = now();
    report.error = 0;
    report.go = 0;
    pid_t pid = start_child(s, &pidfd);
    if (pid < 0) {
        return fail("clone", errno);
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
static int64_t start_numbered(struct subject *s) {
    static int64_t number;
    if (s->argv == NULL) {
        return start(s);
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
    return start(&own);
}

static int answer_starts(struct subject *s, int count, int gap_micros) {
    int64_t *times = calloc((size_t) count, sizeof *times);
    if (times == NULL) {
        return fail("calloc", errno);
    }
    for (int i = 0; i < count; i++) {
        if (gap_micros > 0) {
            usleep((useconds_t) gap_micros);
        }
        times[i] = start_numbered(s);
        if (times[i] < 0) {
            free(times);
            return -1;
        }
    }
    for (int i = 0; i < count; i++) {
        printf("%lld%c", (long long) times[i], i + 1 < count ? ' ' : '\n');
    }
    free(times);
    return 0;
}

// Each worker is a process: a child changes the dumpability of the memory that it shares with its parent.
static int answer_rate(struct subject *s, int workers, int millis) {
    volatile int64_t *counts = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (counts == MAP_FAILED || workers > 128) {
        return fail("rate", errno);
    }
    int gate[2];
    if (pipe2(gate, O_CLOEXEC) != 0) {
        return fail("pipe2", errno);
    }
    pid_t pids[128];
    int64_t deadline = 0;
    for (int w = 0; w < workers; w++) {
        pids[w] = fork();
        if (pids[w] == 0) {
            if (read(gate[0], &deadline, sizeof deadline) != sizeof deadline) {
                _exit(1);
            }
            int64_t count = 0;
            while (now() < deadline) {
                if (start_numbered(s) < 0) {
                    counts[w] = -1;
                    fprintf(stderr, "%s\n", message);
                    _exit(1);
                }
                count++;
            }
            counts[w] = count;
            _exit(0);
        }
    }
    usleep(20000);
    int64_t begin = now();
    deadline = begin + millis * 1000000LL;
    for (int w = 0; w < workers; w++) {
        if (write(gate[1], &deadline, sizeof deadline) != sizeof deadline) {
            return fail("write", errno);
        }
    }
    int64_t sum = 0;
    int failed = 0;
    for (int w = 0; w < workers; w++) {
        waitpid(pids[w], NULL, 0);
        failed |= counts[w] < 0;
        sum += counts[w];
    }
    int64_t elapsed = now() - begin;
    close(gate[0]);
    close(gate[1]);
    munmap((void *) counts, 4096);
    if (failed) {
        snprintf(message, sizeof message, "error %s: a worker failed, see standard error", s->name);
        return -1;
    }
    printf("%lld %lld\n", (long long) sum, (long long) elapsed);
    return 0;
}

static int invalid(const char *file) {
    snprintf(message, sizeof message, "error %s is no plan", file);
    return -1;
}

// Turns offsets into addresses, so that the child has nothing to decide.
static int relocate(struct subject *s, const uint64_t *relocations) {
    uint64_t base = (uint64_t) s->bytes;
    for (uint64_t i = 0; i < s->head.relocation_count; i++) {
        if (relocations[i] + 8 > s->head.bytes_size) {
            return -1;
        }
        *(uint64_t *) (s->bytes + relocations[i]) += base;
    }
    for (uint64_t i = 0; i < s->head.step_count; i++) {
        for (int k = 0; k < 6; k++) {
            if (s->steps[i].arg[k].kind == FROM_BYTES) {
                s->steps[i].arg[k].value += base;
                s->steps[i].arg[k].kind = FROM_NUMBER;
            } else if (s->steps[i].arg[k].kind == FROM_RESULT && s->steps[i].arg[k].value >= i) {
                return -1;
            }
        }
    }
    return 0;
}

static int load_plan(struct subject *s, const char *file) {
    FILE *in = fopen(file, "re");
    if (in == NULL) {
        return fail(file, errno);
    }
    struct header *h = &s->head;
    if (fread(h, sizeof *h, 1, in) != 1 || h->magic != MAGIC || h->step_count > 100000 || h->bytes_size > 1 << 26
            || h->relocation_count > 100000 || h->writable_from > h->bytes_size) {
        fclose(in);
        return invalid(file);
    }
    uint64_t *relocations = calloc(h->relocation_count + 1, 8);
    s->steps = calloc(h->step_count + 1, sizeof *s->steps);
    s->results = calloc(h->step_count + 1, 8);
    s->bytes = calloc(h->bytes_size + 8, 1);
    s->pristine = calloc(h->bytes_size + 8, 1);
    int bad = fread(s->steps, sizeof *s->steps, h->step_count, in) != h->step_count
            || fread(relocations, 8, h->relocation_count, in) != h->relocation_count
            || fread(s->bytes, 1, h->bytes_size, in) != h->bytes_size || relocate(s, relocations) != 0;
    memcpy(s->pristine, s->bytes + h->writable_from, h->bytes_size - h->writable_from);
    free(relocations);
    fclose(in);
    return bad ? invalid(file) : 0;
}

static void load_command(struct subject *s, char *words) {
    s->argv = calloc(128, sizeof *s->argv);
    int count = 0;
    for (char *word = strtok(words, "\t"); word != NULL && count < 127; word = strtok(NULL, "\t")) {
        s->argv[count++] = strdup(word);
    }
}

static struct subject *find(const char *name) {
    for (struct subject *s = subjects; s != NULL; s = s->next) {
        if (strcmp(s->name, name) == 0) {
            return s;
        }
    }
    snprintf(message, sizeof message, "error no subject %.100s", name);
    return NULL;
}

static int define(const char *name, char *file, char *words) {
    struct subject *s = calloc(1, sizeof *s);
    snprintf(s->name, sizeof s->name, "%s", name);
    if (words != NULL) {
        load_command(s, words);
    } else if (load_plan(s, file) != 0) {
        return -1;
    }
    s->next = subjects;
    subjects = s;
    puts("ok");
    return 0;
}

static int serve(char *line) {
    char name[64], file[PATH_MAX];
    int a, b, at = 0;
    if (sscanf(line, "plan %63s %4095s", name, file) == 2) {
        return define(name, file, NULL);
    }
    if (sscanf(line, "command %63[^\t]\t%n", name, &at) == 1 && at > 0) {
        return define(name, NULL, line + at);
    }
    struct subject *s;
    if (sscanf(line, "start %63s %d %d", name, &a, &b) == 3 && a > 0) {
        return (s = find(name)) == NULL ? -1 : answer_starts(s, a, b);
    }
    if (sscanf(line, "rate %63s %d %d", name, &a, &b) == 3 && a > 0) {
        return (s = find(name)) == NULL ? -1 : answer_rate(s, a, b);
    }
    snprintf(message, sizeof message, "error no such command");
    return -1;
}

int main(void) {
    static char line[65536];
    null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    child_stack = mmap(NULL, CHILD_STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (null_fd < 0 || child_stack == MAP_FAILED) {
        perror("limit");
        return 1;
    }
    setvbuf(stdout, NULL, _IOFBF, 1 << 16);
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = 0;
        if (serve(line) != 0) {
            puts(message);
        }
        fflush(stdout);
    }
    return 0;
}
