// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Which process of a container is its command.
final class CommandPid {
    private CommandPid() {}

    /// @param first the pid of its first process
    /// @param init whether that is an init: then the command is the first of its children, as long as it lives
    static long of(long first, boolean init) throws IOException {
        if (!init) {
            return first;
        }
        String pid = Long.toString(first);
        String children = Files.readString(Path.of("/proc", pid, "task", pid, "children"));
        int end = children.indexOf(' ');
        if (end < 0) {
            throw new IOException("process " + pid + " has no children any more");
        }
        return Long.parseLong(children.substring(0, end));
    }
}
