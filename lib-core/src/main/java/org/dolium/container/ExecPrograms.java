// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.dolium.launch.Program;
import org.dolium.sandbox.CgroupEntry;
import org.jspecify.annotations.Nullable;

/// The program of a container's last further command, with its file, for the next one that is the same: health checks and the
/// like are. Whoever uses it has it alone.
final class ExecPrograms implements AutoCloseable {
    /// Everything that makes two further commands of one container differ.
    ///
    /// @param entry how it gets into the cgroups
    /// @param terminal the size of its terminal, or null without one
    /// @param born whether it is born into one of cgroup v2
    record Key(
            List<String> words, Map<String, String> environment, @Nullable String user, @Nullable String directory,
            @Nullable TerminalSize terminal, @Nullable CgroupEntry entry, boolean born) {

        /// Without the `equals` of a record, which is slow at its first use.
        boolean isLike(Key other) {
            return words.equals(other.words) && environment.equals(other.environment) && Objects.equals(user, other.user)
                    && Objects.equals(directory, other.directory) && born == other.born && isWay(other.entry)
                    && hasSize(other.terminal);
        }

        private boolean hasSize(@Nullable TerminalSize other) {
            return terminal == null || other == null
                    ? terminal == other
                    : terminal.rows() == other.rows() && terminal.columns() == other.columns();
        }

        private boolean isWay(@Nullable CgroupEntry other) {
            return entry == null || other == null
                    ? entry == other
                    : entry.firstFd() == other.firstFd() && entry.count() == other.count() && entry.waits() == other.waits();
        }
    }

    private @Nullable Key key;
    private @Nullable Program program;
    private boolean closed;

    /// The program of such a command, or null if there is none.
    synchronized @Nullable Program take(Key wanted) {
        if (key == null || !key.isLike(wanted)) {
            return null;
        }
        Program taken = program;
        key = null;
        program = null;
        return taken;
    }

    /// Keeps the program instead of the one before.
    void keep(Key of, Program kept) {
        Program old;
        synchronized (this) {
            old = closed ? kept : program;
            if (!closed) {
                key = of;
                program = kept;
            }
        }
        if (old != null) {
            old.close();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        key = null;
        if (program != null) {
            program.close();
            program = null;
        }
    }
}
