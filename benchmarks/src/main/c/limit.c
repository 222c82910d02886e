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
//   files FILE                 opens the files whose paths are its lines
//   read N                     reads the number in each, N times; answers N times nanoseconds
//
// An answer that begins with "error" tells what went wrong. The end of the input ends the program.
#define _GNU_SOURCE
#include "limit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_WORKERS 128

char message[512];
static struct subject *subjects;

int fail(const char *what, int error) {
    snprintf(message, sizeof message, "error %s: %s", what, strerror(error));
    return -1;
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
        times[i] = start(s);
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

static int answer_reads(int count) {
    for (int i = 0; i < count; i++) {
        int64_t time = read_files();
        if (time < 0) {
            return -1;
        }
        printf("%lld%c", (long long) time, i + 1 < count ? ' ' : '\n');
    }
    return 0;
}

// A worker starts until the deadline that comes through the gate.
static void work(struct subject *s, int gate, volatile int64_t *count) {
    int64_t deadline, done = 0;
    *count = -1;
    if (read(gate, &deadline, sizeof deadline) != sizeof deadline) {
        _exit(1);
    }
    for (; now() < deadline; done++) {
        if (start(s) < 0) {
            fprintf(stderr, "%s\n", message);
            _exit(1);
        }
    }
    *count = done;
    _exit(0);
}

// Each worker is a process: a child changes the dumpability of the memory that it shares with its parent.
static int answer_rate(struct subject *s, int workers, int millis) {
    volatile int64_t *counts = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pids[MOST_WORKERS];
    int gate[2];
    if (counts == MAP_FAILED || workers > MOST_WORKERS || pipe2(gate, O_CLOEXEC) != 0) {
        return fail("rate", errno);
    }
    for (int w = 0; w < workers; w++) {
        pids[w] = fork();
        if (pids[w] == 0) {
            work(s, gate[0], &counts[w]);
        }
    }
    usleep(20000); // until all wait at the gate
    int64_t begin = now();
    int64_t deadline = begin + millis * 1000000LL;
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
    if (sscanf(line, "files %4095s", file) == 1) {
        return open_files(file) != 0 ? -1 : puts("ok") < 0;
    }
    if (sscanf(line, "read %d", &a) == 1 && a > 0) {
        return answer_reads(a);
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
    prepare_starts();
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
