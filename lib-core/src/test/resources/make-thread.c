// SPDX-License-Identifier: Apache-2.0
// Makes a thread as every program does, and says whether it ran.
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static void *run(void *unused) {
    return "ran";
}

int main(void) {
    pthread_t thread;
    void *result = "";
    int error = pthread_create(&thread, NULL, run, NULL);
    if (error == 0) {
        pthread_join(thread, &result);
    }
    puts(error == 0 ? (const char *) result : strerror(error));
    return error;
}
