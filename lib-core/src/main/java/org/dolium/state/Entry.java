// SPDX-License-Identifier: Apache-2.0
package org.dolium.state;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.dolium.kernel.DirectoryCalls;
import org.dolium.kernel.Fd;
import org.dolium.kernel.FileStatus;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Sys;
import org.jspecify.annotations.Nullable;

/// The directory of one container.
///
/// | file | by | what |
/// |---|---|---|
/// | `lock` | JVM, monitor | locked by flock(2) as long as its monitor lives, and while it is started |
/// | `record` | JVM | [Identity] |
/// | `cgroup`, `upper` | JVM | what has to be removed with it, written before that is made |
/// | `exec` | JVM | what further commands in it need to know, written before `run` |
/// | `run` | JVM | [Run], written before the container may outlive the JVM |
/// | `went` | JVM | it was allowed to |
/// | `log`, `log.N`, `status` | monitor | what it printed, and how it ended |
/// | `counted` | monitor | what its cgroup had counted at the end, where that is gone by then |
/// | `attach` | JVM, monitor | a socket on which the monitor is asked for what the command reads |
/// | `killed`, `ended` | JVM | who ended it, and [End] |
/// | `after`, `turn` | JVM | [Wishes] for its end, and [Turn]: whose it is to do them |
/// | `stopped` | JVM | its end was wished, so nobody runs it again |
/// | `failed`, `after.log` | JVM, what follows its end | what could not be done after its end, and what the command printed that was to do it |
/// | `note.KEY` | JVM | what others stored |
///
/// The name of a file is never a caller's text alone.
public final class Entry implements AutoCloseable {
    public static final String RECORD = "record";
    public static final String LOCK = "lock";
    public static final String LOG = "log";
    public static final String STATUS = "status";
    public static final String WENT = "went";
    public static final String KILLED = "killed";
    public static final String UPPER = "upper";
    public static final String ATTACH = "attach";
    public static final String EXEC = "exec";
    public static final String STOPPED = "stopped";
    public static final String FAILED = "failed";
    public static final String AFTER_LOG = "after.log";

    static final int MOST = 4 << 20;
    /// With the users of the container, each of whose two files may be 10 MiB long, and longer when they are escaped.
    private static final int MOST_EXEC = 64 << 20;

    public static final String RUN = "run";
    private static final String GROUP = "cgroup";
    private static final String ENDED = "ended";
    private static final String COUNTED = "counted";
    private static final String STATUS_NEW = "status.new";
    private static final String NOTE = "note.";
    private static final String AFTER = "after";
    private static final String TURN = "turn";
    private static final int STATUS_MOST = 4096;
    private static final long SOON_NANOS = 2_000_000_000L;
    private static final long PAUSE_NANOS = 1_000_000;

    private final String id;
    private final StateFolder folder;

    /// @param folder its directory, which [#close] closes
    public Entry(String id, StateFolder folder) {
        this.id = id;
        this.folder = folder;
    }

    public String id() {
        return id;
    }

    public StateFolder folder() {
        return folder;
    }

    private String shown(String file) {
        return id + "/" + file;
    }

    /// Opens its lock, and makes it if it is missing. To be called while [StateDirectory#lock] is held.
    ///
    /// @throws NoSuchFileException if its directory was removed
    public Fd openLock() throws IOException {
        Fd known = folder.tryFile(LOCK, DirectoryCalls.O_RDWR);
        if (known != null) {
            return known;
        }
        try {
            return folder.create(LOCK);
        } catch (ErrnoException e) {
            if (e.errno().equals(Errno.ENOENT)) {
                throw new NoSuchFileException(folder.toString(), null, "the container was removed");
            }
            throw e;
        }
    }

    /// Whether somebody starts it or its monitor lives.
    public boolean isLocked() throws IOException {
        Fd file = folder.tryFile(LOCK, DirectoryCalls.O_RDWR);
        if (file == null) {
            return false;
        }
        try (file) {
            return !StateFolder.tryLock(file, false);
        }
    }

    /// @return null if it is not complete
    public @Nullable Identity identity() throws IOException {
        byte[] content = folder.read(RECORD, MOST);
        return content == null ? null : Identity.parse(content, id);
    }

    /// To be called while [StateDirectory#lock] is held.
    public void identity(Identity identity) throws IOException {
        folder.write(RECORD, identity.bytes());
    }

    /// @return null if it was never started
    public @Nullable Run run() throws IOException {
        byte[] content = folder.read(RUN, MOST);
        return content == null ? null : Run.parse(content, shown(RUN));
    }

    public void run(Run run) throws IOException {
        folder.write(RUN, run.bytes());
    }

    /// What further commands in it need to know.
    ///
    /// @return null if that was not written
    public byte @Nullable [] exec() throws IOException {
        return folder.read(EXEC, MOST_EXEC);
    }

    public void exec(byte[] record) throws IOException {
        if (record.length > MOST_EXEC) {
            throw new IOException("'" + shown(EXEC) + "' would be longer than " + MOST_EXEC + " bytes");
        }
        folder.write(EXEC, record);
    }

    public @Nullable GroupNote group() throws IOException {
        byte[] content = folder.read(GROUP, MOST);
        return content == null ? null : GroupNote.parse(content, shown(GROUP));
    }

    public void group(GroupNote note) throws IOException {
        folder.write(GROUP, note.bytes());
    }

    /// The group is gone.
    public void forgetGroup() throws IOException {
        folder.remove(GROUP);
    }

    /// @return null if its monitor has not written it
    public @Nullable Status status() throws IOException {
        byte[] content = folder.read(STATUS, STATUS_MOST);
        return content == null ? null : Status.parse(content, shown(STATUS));
    }

    /// Makes the file that its monitor writes to when it has ended, with room for that also when the disk is full then.
    public Fd makeCounted(int length) throws IOException {
        Fd made = folder.create(COUNTED);
        try {
            made.write(new byte[length], shown(COUNTED));
            return made;
        } catch (ErrnoException e) {
            made.close();
            throw e;
        }
    }

    /// What its monitor has written there; complete if there is a status.
    ///
    /// @return null if it was not to
    public byte @Nullable [] counted() throws IOException {
        return folder.read(COUNTED, STATUS_MOST);
    }

    public @Nullable End end() throws IOException {
        byte[] content = folder.read(ENDED, MOST);
        return content == null ? null : End.parse(content, shown(ENDED));
    }

    public void end(End end) throws IOException {
        folder.write(ENDED, end.bytes());
    }

    /// @return null if nothing is to happen after its end
    public @Nullable Wishes wishes() throws IOException {
        byte[] content = folder.read(AFTER, MOST);
        return content == null ? null : Wishes.parse(content, shown(AFTER));
    }

    /// To be called while [StateDirectory#lock] is held, or before others can know of it.
    ///
    /// @param wishes null for none
    public void wishes(@Nullable Wishes wishes) throws IOException {
        if (wishes == null) {
            folder.remove(AFTER);
        } else {
            folder.write(AFTER, wishes.bytes());
        }
    }

    /// @return null if nobody waits, or has waited, for its end
    public @Nullable Turn turn() throws IOException {
        byte[] content = folder.read(TURN, MOST);
        return content == null ? null : Turn.parse(content, shown(TURN));
    }

    /// To be called while [StateDirectory#lock] is held.
    public void turn(Turn turn) throws IOException {
        folder.write(TURN, turn.bytes());
    }

    /// Nobody's turn it is, and no restart counts. To be called while [StateDirectory#lock] is held.
    public void forgetTurn() throws IOException {
        folder.remove(TURN);
        folder.remove(STOPPED);
        folder.remove(FAILED);
    }

    /// Leaves an empty file.
    ///
    /// @throws NoSuchFileException if its directory was removed
    public void mark(String file) throws IOException {
        try {
            folder.create(file).close();
        } catch (ErrnoException e) {
            if (e.errno().equals(Errno.ENOENT)) {
                throw new NoSuchFileException(folder.toString(), null, "the container was removed");
            }
            if (!e.errno().equals(Errno.EEXIST)) {
                throw e;
            }
        }
    }

    public byte @Nullable [] note(String key, int most) throws IOException {
        return folder.read(NOTE + key, most);
    }

    public void note(String key, byte[] content) throws IOException {
        folder.write(NOTE + key, content);
    }

    /// Forgets how it ran the last time, but for its log. That is continued where its last record is whole, which a status tells, or
    /// else its files each get the next number: one that ends again and again must not push out why.
    ///
    /// @param bytes how long a file gets, or 0 for any length
    /// @param files how many there may be
    public void prepareStart(long bytes, int files) throws IOException {
        boolean whole = folder.has(STATUS);
        forgetRun();
        long length = logLength();
        if (length == 0) {
            folder.remove(LOG);
            return;
        }
        if (whole && (bytes == 0 || length < bytes)) {
            return;
        }
        for (int i = files - 2; i >= 0; i--) {
            String from = i == 0 ? LOG : LOG + "." + i;
            if (folder.has(from)) {
                folder.rename(from, LOG + "." + (i + 1));
            }
        }
        if (files == 1) {
            folder.remove(LOG);
        }
    }

    /// How long the newest file of its log is.
    public long logLength() throws IOException {
        FileStatus newest = folder.status(LOG);
        return newest == null ? 0 : newest.size();
    }

    /// Takes back what a start that failed has added to the log.
    public void cutLog(long length) throws IOException {
        if (length == 0) {
            folder.remove(LOG);
        } else if (logLength() > length) { // else it is another file by now
            try (Fd file = folder.tryFile(LOG, DirectoryCalls.O_RDWR)) {
                if (file != null) {
                    DirectoryCalls.check(Kernel.call(Sys.FTRUNCATE, file.number(), length, 0), "ftruncate", LOG.getBytes(StandardCharsets.US_ASCII));
                }
            }
        }
    }

    /// What tells how it ran the last time: files with their contents.
    public Map<String, byte[]> lastRun() throws IOException {
        Map<String, byte[]> last = new LinkedHashMap<>();
        List<String> files = List.of(RUN, KILLED, ENDED, WENT, STATUS);
        for (int i = 0; i < files.size(); i++) {
            byte[] content = folder.read(files.get(i), MOST);
            if (content != null) {
                last.put(files.get(i), content);
            }
        }
        return last;
    }

    /// Puts that back after a start that failed.
    public void lastRun(Map<String, byte[]> last) throws IOException {
        for (Map.Entry<String, byte[]> file : last.entrySet()) {
            folder.write(file.getKey(), file.getValue());
        }
    }

    /// Forgets a start that failed or was never finished.
    public void forgetRun() throws IOException {
        List<String> files = List.of(WENT, WENT + ".part", EXEC, RUN, STATUS, STATUS_NEW, KILLED, ENDED, ATTACH, COUNTED);
        for (int i = 0; i < files.size(); i++) {
            folder.remove(files.get(i));
        }
    }

    /// Takes the lock.
    ///
    /// @return null if somebody has it
    public @Nullable Fd tryLock() throws IOException {
        Fd file = openLock();
        try {
            if (StateFolder.tryLock(file, true)) {
                return file;
            }
        } catch (ErrnoException e) {
            file.close();
            throw e;
        }
        file.close();
        return null;
    }

    /// As [#tryLock], for up to two seconds: who only asks whether it is locked has it for a moment.
    public @Nullable Fd lockSoon() throws IOException {
        long end = System.nanoTime() + SOON_NANOS;
        Fd lock = tryLock();
        while (lock == null && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(PAUSE_NANOS);
            lock = tryLock();
        }
        return lock;
    }

    @Override
    public void close() {
        folder.close();
    }
}
