// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Who runs the benchmarks.
record Identity(long uid, long gid) {
    private static final Path STATUS = Path.of("/proc/self/status");

    static Identity current() throws IOException {
        return new Identity(id("Uid:"), id("Gid:"));
    }

    private static long id(String field) throws IOException {
        for (String line : Files.readAllLines(STATUS)) {
            if (line.startsWith(field)) {
                return Long.parseLong(line.split("\\s+")[2]); // real, effective, saved, of the file system
            }
        }
        throw new IOException(STATUS + " has no field " + field);
    }

    boolean root() {
        return uid == 0;
    }

    @Override
    public String toString() {
        return root() ? "root" : "a plain user";
    }
}
