// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.time.Instant;
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
    private @Nullable Run run;
    private int file;
    private @Nullable Instant next;
    private @Nullable LogRecord held;
    private boolean over;

    /// Of the run that there is now, or of the first one that is seen.
    RunLog(DetachedContainer container, LogTape tape) throws IOException {
        this.tape = tape;
        this.entry = new Entry(container.id(), tape.folder());
        this.run = entry.run();
        this.file = tape.file();
    }

    /// @return null if there is no more so far
    @Nullable LogRecord read() throws IOException {
        LogRecord record = held == null ? tape.next() : held;
        held = null;
        if (tape.file() != file) { // every run begins one
            if (!look() && !over) {
                held = record;
                return null;
            }
            file = tape.file();
        }
        return record == null || next != null && !record.time().isBefore(next) ? null : record;
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
        Run now = entry.run();
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
}
