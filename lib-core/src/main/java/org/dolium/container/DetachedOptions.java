// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What is said about a detached container besides its [ContainerBuilder]: its name, its log, and what others want to remember with
/// it. Immutable.
public final class DetachedOptions {
    /// The longest note.
    public static final int LONGEST_NOTE = 1 << 20;

    private static final int LEAST_LOG = 1 << 16;
    private static final int MOST_FILES = 100;
    private static final DetachedOptions STANDARD = new DetachedOptions(null, Map.of(), MemorySize.mebibytes(10), 5, null);

    final @Nullable String name;
    final Map<String, byte[]> notes;
    final MemorySize logLimit;
    final int logFiles;
    final @Nullable AfterEnd afterEnd;

    private DetachedOptions(
            @Nullable String name, Map<String, byte[]> notes, MemorySize logLimit, int logFiles, @Nullable AfterEnd afterEnd) {
        this.name = name;
        this.notes = notes;
        this.logLimit = logLimit;
        this.logFiles = logFiles;
        this.afterEnd = afterEnd;
    }

    /// No name but [ContainerBuilder#name], no notes, and a log of at most five files of 10 MiB.
    public static DetachedOptions standard() {
        return STANDARD;
    }

    /// A name that no other container in the state directory has: a letter, digit, `_`, `+` or `-`, then up to 127 of these or `.`.
    /// Without one, and without [ContainerBuilder#name], it is called by the first 12 digits of its id.
    public DetachedOptions name(String name) {
        return new DetachedOptions(Objects.requireNonNull(name, "name"), notes, logLimit, logFiles, afterEnd);
    }

    /// Bytes that are stored with the container and mean nothing to it; see [DetachedContainer#note].
    ///
    /// @param key as a name
    public DetachedOptions note(String key, byte[] bytes) {
        Map<String, byte[]> more = new LinkedHashMap<>(notes);
        more.put(DetachedNames.checkNote(key, bytes), bytes.clone());
        return new DetachedOptions(name, more, logLimit, logFiles, afterEnd);
    }

    /// How long a file of the log gets, and how many there are: when the newest is so long, the oldest is deleted.
    ///
    /// @param limit at least 64 KiB
    /// @param files from 1 to 100
    public DetachedOptions log(MemorySize limit, int files) {
        if (limit.bytes() < LEAST_LOG) {
            throw new IllegalArgumentException("log limit " + limit.bytes() + " is less than " + LEAST_LOG + " bytes");
        }
        if (files < 1 || files > MOST_FILES) {
            throw new IllegalArgumentException("number of log files " + files + " is not between 1 and " + MOST_FILES);
        }
        return new DetachedOptions(name, notes, limit, files, afterEnd);
    }

    /// What is to happen when the container has ended, at each of its runs: that it is run again, or removed. Without this nothing does.
    public DetachedOptions afterEnd(AfterEnd afterEnd) {
        return new DetachedOptions(name, notes, logLimit, logFiles, Objects.requireNonNull(afterEnd, "afterEnd"));
    }
}
