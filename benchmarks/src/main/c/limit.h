// SPDX-License-Identifier: Apache-2.0
// What the parts of the referee share; start reading at limit.c.
#ifndef LIMIT_H
#define LIMIT_H

#include <stdint.h>

// The plan file: little-endian 64-bit words (see PlanFile.java), then the bytes that the arguments point to.
#define MAGIC 0x314e414c504c4f44ULL // "DOLPLAN1"

enum { FROM_NUMBER, FROM_BYTES, FROM_RESULT };
enum { IS_CALL, IS_EXPECTATION, IS_FORK };

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

// The cgroup that each start makes and removes: directories in one or more hierarchies.
#define MOST_GROUPS 16
#define MOST_FILES 32

struct group_file {
    int group;
    char name[64], value[128];
};

struct groups {
    int count, into, settings_count, reads_count; // into: the index of the cgroup v2 directory, or -1
    int base[MOST_GROUPS], tasks[MOST_GROUPS];    // tasks: whether the child writes itself into the directory
    struct group_file settings[MOST_FILES], reads[MOST_FILES];
    int directory[MOST_GROUPS], task_fds[MOST_GROUPS], task_count;
    int target, file_count; // of a command in a running container: its process, and the files of its cgroups
    char *files[MOST_GROUPS];
    char name[64];
};

struct subject {
    char name[64];
    struct groups groups;
    struct header head;
    struct step *steps;
    int64_t *results;
    char *bytes, *pristine;
    char **argv;
    struct subject *next;
};

// child.c: what runs in a child that shares the parent's memory.
struct report {
    int step, error; // of a failure
    uint32_t go;     // set by the parent when the ids are mapped
    int next;        // the process that took the child's place
};
extern volatile struct report report;
extern int null_fd;
int perform(void *subject);
int run_program(void *subject);

// plan.c: reads what a subject is to do.
int load_plan(struct subject *s, const char *file);
void load_command(struct subject *s, char *words);

// group.c: the cgroups of a start.
int load_groups(struct groups *g, const char *file);
int make_groups(struct groups *g);
int remove_groups(struct groups *g);

// start.c: starts a subject once.
void prepare_starts(void);
int64_t now(void);
int64_t start(struct subject *s); // nanoseconds until the exit is known; -1 after a failure

// pread.c: reads the numbers in open files.
int open_files(const char *list); // a path on each line
int64_t read_files(void);         // nanoseconds; -1 after a failure

// limit.c: leaves the answer "error WHAT: ERROR" and returns -1.
extern char message[512];
int fail(const char *what, int error);

#endif
