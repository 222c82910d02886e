// SPDX-License-Identifier: Apache-2.0
// Reads a plan file or a command line.
#define _GNU_SOURCE
#include "limit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

int load_plan(struct subject *s, const char *file) {
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
    return bad ? invalid(file) : load_groups(&s->groups, file);
}

void load_command(struct subject *s, char *words) {
    s->argv = calloc(128, sizeof *s->argv);
    int count = 0;
    for (char *word = strtok(words, "\t"); word != NULL && count < 127; word = strtok(NULL, "\t")) {
        s->argv[count++] = strdup(word);
    }
}
