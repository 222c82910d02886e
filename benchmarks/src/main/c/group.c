// SPDX-License-Identifier: Apache-2.0
// The cgroup of a start: what Dolium does for it, in C.
#define _GNU_SOURCE
#include "limit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int invalid(const char *line) {
    snprintf(message, sizeof message, "error not a line about cgroups: %.200s", line);
    return -1;
}

static int load_line(struct groups *g, const char *line) {
    char path[PATH_MAX];
    int into, tasks;
    struct group_file file = {0};
    if (sscanf(line, "group %d %d %4095[^\n]", &into, &tasks, path) == 3 && g->count < MOST_GROUPS) {
        int base = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (base < 0) {
            return fail(path, errno);
        }
        g->base[g->count] = base;
        g->tasks[g->count] = tasks;
        g->into = into ? g->count : g->into;
        g->count++;
        return 0;
    }
    if (sscanf(line, "set %d %63s %127[^\n]", &file.group, file.name, file.value) == 3
            && g->settings_count < MOST_FILES && file.group < g->count) {
        g->settings[g->settings_count++] = file;
        return 0;
    }
    if (sscanf(line, "read %d %63s", &file.group, file.name) == 2 && g->reads_count < MOST_FILES
            && file.group < g->count) {
        g->reads[g->reads_count++] = file;
        return 0;
    }
    if (sscanf(line, "enter %d", &g->target) == 1) {
        return 0;
    }
    if (sscanf(line, "file %4095[^\n]", path) == 1 && g->file_count < MOST_GROUPS - 1) {
        g->files[g->file_count++] = strdup(path);
        return 0;
    }
    if (sscanf(line, "directory %4095[^\n]", path) == 1) {
        g->directory[0] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        g->into = 0;
        return g->directory[0] < 0 ? fail(path, errno) : 0;
    }
    return invalid(line);
}

// The file beside the plan's, with the suffix .cgroups; none if the plan has no cgroup of its own:
//
//   group INTO TASKS PATH     a directory to make below PATH: INTO with clone3, TASKS by a write of the child
//   set GROUP FILE VALUE      a limit
//   read GROUP FILE           a figure that is read at the end
//
// For a command in a running container instead:
//
//   enter PID                 the container's first process, whose pidfd is the plan's first descriptor
//   file PATH                 a file of a cgroup, opened for each start: the plan's next descriptor
//   directory PATH            the cgroup that it is born into
int load_groups(struct groups *g, const char *plan) {
    char path[PATH_MAX], line[PATH_MAX + 64];
    g->into = -1;
    snprintf(path, sizeof path, "%s.cgroups", plan);
    FILE *in = fopen(path, "re");
    if (in == NULL) {
        return errno == ENOENT ? 0 : fail(path, errno);
    }
    int bad = 0;
    while (!bad && fgets(line, sizeof line, in) != NULL) {
        bad = load_line(g, line);
    }
    fclose(in);
    return bad;
}

static int write_setting(struct groups *g, const struct group_file *setting) {
    int fd = openat(g->directory[setting->group], setting->name, O_WRONLY | O_CLOEXEC);
    ssize_t size = (ssize_t) strlen(setting->value);
    if (fd < 0 || write(fd, setting->value, (size_t) size) != size) {
        return fail(setting->name, errno);
    }
    close(fd);
    return 0;
}

static int open_way(struct groups *g) {
    g->task_count = 0;
    int pidfd = (int) syscall(SYS_pidfd_open, g->target, 0);
    if (pidfd < 0) {
        return fail("pidfd_open", errno);
    }
    g->task_fds[g->task_count++] = pidfd;
    for (int i = 0; i < g->file_count; i++) {
        int fd = open(g->files[i], O_WRONLY | O_CLOEXEC);
        if (fd < 0) {
            return fail(g->files[i], errno);
        }
        g->task_fds[g->task_count++] = fd;
    }
    return 0;
}

int make_groups(struct groups *g) {
    static long number;
    if (g->target != 0) {
        return open_way(g);
    }
    if (g->count == 0) {
        return 0;
    }
    snprintf(g->name, sizeof g->name, "limit-%d-%ld", (int) getpid(), ++number);
    for (int i = 0; i < g->count; i++) {
        if (mkdirat(g->base[i], g->name, 0755) != 0) {
            return fail("mkdirat", errno);
        }
        g->directory[i] = openat(g->base[i], g->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (g->directory[i] < 0) {
            return fail("openat", errno);
        }
    }
    for (int i = 0; i < g->settings_count; i++) {
        if (write_setting(g, &g->settings[i]) != 0) {
            return -1;
        }
    }
    g->task_count = 0;
    for (int i = 0; i < g->count; i++) {
        if (g->tasks[i]) {
            int fd = openat(g->directory[i], "tasks", O_WRONLY | O_CLOEXEC);
            if (fd < 0) {
                return fail("tasks", errno);
            }
            g->task_fds[g->task_count++] = fd;
        }
    }
    return 0;
}

static int read_figure(struct groups *g, const struct group_file *figure) {
    char text[4096];
    int fd = openat(g->directory[figure->group], figure->name, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, text, sizeof text) < 0) {
        return fail(figure->name, errno);
    }
    close(fd);
    return 0;
}

int remove_groups(struct groups *g) {
    int bad = 0;
    for (int i = 0; i < g->task_count; i++) {
        close(g->task_fds[i]);
    }
    for (int i = 0; i < g->reads_count; i++) {
        bad |= read_figure(g, &g->reads[i]);
    }
    for (int i = g->count - 1; i >= 0; i--) {
        if (unlinkat(g->base[i], g->name, AT_REMOVEDIR) != 0) {
            bad = fail("unlinkat", errno);
        }
        close(g->directory[i]);
    }
    return bad;
}
