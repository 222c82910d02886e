// SPDX-License-Identifier: Apache-2.0
// print BYTES LINE: prints that many bytes with writes of 64 KiB, in lines of LINE bytes; 0 for none. A static program, which everyone runs.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char buffer[1 << 16];

int main(int argc, char **argv) {
    if (argc != 3) {
        return 2;
    }
    long left = atol(argv[1]);
    long line = atol(argv[2]);
    for (size_t i = 0; i < sizeof buffer; i++) {
        buffer[i] = line > 0 && (i + 1) % (size_t)line == 0 ? '\n' : (char)('a' + i % 23);
    }
    while (left > 0) {
        size_t wanted = left < (long)sizeof buffer ? (size_t)left : sizeof buffer;
        for (size_t done = 0; done < wanted;) {
            ssize_t n = write(1, buffer + done, wanted - done);
            if (n < 0 && errno != EINTR) {
                return 1;
            }
            done += n > 0 ? (size_t)n : 0;
        }
        left -= (long)wanted;
    }
    return 0;
}
