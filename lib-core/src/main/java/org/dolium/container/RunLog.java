// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.time.Instant;
import org.dolium.kernel.FileStatus;
import org.dolium.state.Entry;
import org.dolium.state.LogRecord;
import org.dolium.state.LogTape;
import org.dolium.state.Run;
import org.jspecify.annotations.Nullable;

/// A container's log to the end of one run, for who follows it: that of the next run comes behind it, perhaps before anybody has seen that
/// nothing ran in between.
final class RunLog {
    private final LogTape tape;
    private final Entry entry;
    private @Nullable FileStatus seen;
    private @Nullable Run current;
    private @Nullable Run run;
    private @Nullable Instant next;
    private @Nullable LogRecord held;
    private boolean over;

    /// Of the run that there is now, or of the first one that is seen.
    RunLog(DetachedContainer container, LogTape tape) throws IOException {
        this.tape = tape;
        this.entry = new Entry(container.id(), tape.folder());
        this.run = current();
    }

    /// @return null if there is no more so far
    @Nullable LogRecord read() throws IOException {
        LogRecord record = held == null ? tape.next() : held;
        held = null;
        if (record == null) {
            return null;
        }
        if (!look() && !over) { // after the record was read: `run` is gone before anything of the next run is written
            held = record;
            return null;
        }
        return next != null && !record.time().isBefore(next) ? null : record;
    }

    /// Whether nobody adds to it any more.
    boolean isOver() throws IOException {
        boolean watched = entry.isLocked();
        look();
        over = !watched || next != null;
        return over;
    }

    /// @return false if another run is begun of which nobody knows since when
    private boolean look() throws IOException {
        Run now = current();
        if (run == null) {
            run = now;
            return true;
        }
        if (now == null) {
            return !entry.isLocked(); // it was removed, and nobody starts it
        }
        if (next == null && !now.equals(run)) {
            next = now.started();
        }
        return true;
    }

    /// The file is read again only if it is another one: it is looked for with each record.
    private @Nullable Run current() throws IOException {
        FileStatus status = entry.folder().status(Entry.RUN);
        if (status == null) {
            seen = null;
            current = null;
        } else if (seen == null || seen.inode() != status.inode() || seen.changed() != status.changed()
                || seen.changedNanos() != status.changedNanos()) {
            seen = status; // taken before the content: what is newer than it is read again
            current = entry.run();
        }
        return current;
    }
}
