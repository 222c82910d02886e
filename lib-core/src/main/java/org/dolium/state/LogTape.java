// SPDX-License-Identifier: Apache-2.0
package org.dolium.state;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import org.dolium.kernel.DirectoryCalls;
import org.dolium.kernel.Fd;
import org.dolium.kernel.FileStatus;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Sys;
import org.jspecify.annotations.Nullable;

/// The log of a container from its first record to the last, over all its files, while its monitor writes on and exchanges them. A file
/// is known by its inode and stays open until it is read: names only tell which one comes next.
///
/// Files only ever get a higher number, the highest first. So who looks at them from the lowest number on may meet one twice but
/// misses none.
public final class LogTape implements AutoCloseable {
    private static final int HEADER = 24;
    private static final int LONGEST = 1 << 14;
    private static final int NANOS = 1_000_000_000;
    private static final int BLOCK = 1 << 16;

    private record Part(Fd fd, FileStatus status, String name) {}

    private final Arena arena = Arena.ofAuto();
    private final Memory header = Memory.allocate(arena, HEADER);
    private final Memory data = Memory.allocate(arena, LONGEST);
    private final StateFolder folder;
    private final int files;
    private final Deque<Part> next = new ArrayDeque<>();
    private @Nullable Part current;
    private long offset;
    private boolean missed;

    /// @param folder the container's directory, which this closes
    /// @param files how many files the log has at most
    public LogTape(StateFolder folder, int files) throws IOException {
        this.folder = folder;
        this.files = files;
        next.addAll(chain());
        advance();
    }

    /// Those that are there now, the oldest first.
    private List<Part> chain() throws IOException {
        List<Part> found = new ArrayList<>();
        try (DirectoryCalls calls = new DirectoryCalls(null)) {
            for (int i = 0; i <= files; i++) {
                String name = i == 0 ? Entry.LOG : Entry.LOG + "." + i;
                Fd fd = folder.tryFile(name, 0);
                if (fd != null) {
                    Part part = new Part(fd, calls.status(fd), name);
                    if (find(found, part) < 0) {
                        found.add(part);
                    } else {
                        fd.close();
                    }
                }
            }
        }
        Collections.reverse(found);
        return found;
    }

    private static int find(List<Part> parts, Part part) {
        for (int i = 0; i < parts.size(); i++) {
            if (parts.get(i).status().isSame(part.status())) {
                return i;
            }
        }
        return -1;
    }

    /// Leaves out what there is so far, without reading more of it than is needed to find its end.
    public void toEnd() throws IOException {
        while (advance()) {
            // older files
        }
        Part part = current;
        if (part == null) {
            return;
        }
        try (Arena block = Arena.ofConfined()) {
            Memory headers = Memory.allocate(block, BLOCK);
            long begin = 0;
            int size = 0;
            while (true) {
                if (offset + HEADER > begin + size) {
                    begin = offset;
                    size = read(part, headers, BLOCK, begin);
                }
                if (size < HEADER) {
                    return;
                }
                int at = (int) (offset - begin);
                long after = offset + HEADER + length(part, headers, at);
                if (after > begin + size && after > size(part)) {
                    return;
                }
                offset = after;
            }
        }
    }

    private boolean advance() {
        if (next.isEmpty()) {
            return false;
        }
        if (current != null) {
            current.fd().close();
        }
        current = next.remove();
        offset = 0;
        return true;
    }

    /// The next record.
    ///
    /// @return null if there is none so far
    public @Nullable LogRecord next() throws IOException {
        while (true) {
            Part part = current;
            if (part == null) {
                next.addAll(chain());
                if (!advance()) {
                    return null;
                }
                continue;
            }
            boolean complete = !next.isEmpty() || isRotated(part);
            LogRecord record = read(part); // after the question: nothing is added to a file that has another name
            if (record != null) {
                return record;
            }
            if (!complete) {
                return null;
            }
            missed |= size(part) > offset; // its monitor was killed in the middle of a record
            if (next.isEmpty()) {
                follow(part);
            }
            if (!advance()) {
                return null;
            }
        }
    }

    private boolean isRotated(Part part) throws IOException {
        FileStatus newest = folder.status(Entry.LOG);
        return newest != null && !newest.isSame(part.status());
    }

    /// Finds what comes after the last file that is known.
    private void follow(Part last) throws IOException {
        List<Part> all = chain();
        int known = find(all, last);
        missed |= known < 0;
        for (int i = 0; i < all.size(); i++) {
            if (i > known) {
                next.add(all.get(i));
            } else {
                all.get(i).fd().close();
            }
        }
    }

    private long size(Part part) throws IOException {
        try (DirectoryCalls calls = new DirectoryCalls(null)) {
            return calls.status(part.fd()).size();
        }
    }

    private @Nullable LogRecord read(Part part) throws IOException {
        if (read(part, header, HEADER, offset) < HEADER) {
            return null;
        }
        int length = length(part, header, 0);
        if (read(part, data, length, offset + HEADER) < length) {
            return null;
        }
        offset += HEADER + length;
        return new LogRecord(
                Instant.ofEpochSecond(header.getLong(0), header.getLong(8)), header.getInt(20) == 2, data.head(length));
    }

    /// How long the record is whose header this is: the one at the offset.
    private int length(Part part, Memory memory, int at) throws IOException {
        long nanos = memory.getLong(at + 8);
        int length = memory.getInt(at + 16);
        int stream = memory.getInt(at + 20);
        if (nanos < 0 || nanos >= NANOS || length < 0 || length > LONGEST || stream != 1 && stream != 2) {
            throw Fields.damaged(folder + "/" + part.name(), "there is no record at byte " + offset);
        }
        return length;
    }

    private int read(Part part, Memory memory, int length, long at) throws IOException {
        int size = 0;
        while (size < length) {
            long n = Kernel.call(Sys.PREAD64, part.fd().number(), memory.address() + size, length - size, at + size);
            size += (int) DirectoryCalls.check(n, "pread64", part.name().getBytes(StandardCharsets.UTF_8));
            if (n == 0) {
                break;
            }
        }
        return size;
    }

    /// The container's directory, which stays this object's.
    public StateFolder folder() {
        return folder;
    }

    /// Whether some of it was deleted before it was read, or never completely written.
    public boolean missed() {
        return missed;
    }

    @Override
    public void close() {
        if (current != null) {
            current.fd().close();
            current = null;
        }
        while (!next.isEmpty()) {
            next.remove().fd().close();
        }
        folder.close();
    }
}
