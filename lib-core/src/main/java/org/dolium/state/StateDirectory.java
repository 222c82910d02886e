// SPDX-License-Identifier: Apache-2.0
package org.dolium.state;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.dolium.kernel.DirectoryCalls;
import org.dolium.kernel.Fd;
import org.dolium.kernel.FileStatus;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.jspecify.annotations.Nullable;

/// A state directory, opened and looked at: `containers/ID/` with the files of each container, `names/NAME` with the id of who is
/// called so, and `lock`, which is held exclusively for the moments in which names and directories come and go.
///
/// Nobody but this user and root can exchange it or anything above it, or it is refused.
public final class StateDirectory implements AutoCloseable {
    private static final String CONTAINERS = "containers";
    private static final String NAMES = "names";
    private static final String LOCK = "lock";
    private static final int ID_BYTES = 32;
    private static final int ID = 2 * ID_BYTES;
    private static final int OTHERS_WRITE = 0022;
    private static final int STICKY = 01000;
    private static final long PATIENCE_NANOS = 60_000_000_000L;
    private static final long LONGEST_PAUSE = 10_000_000;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final StateFolder root;
    private final StateFolder containers;
    private final StateFolder names;

    private StateDirectory(StateFolder root, StateFolder containers, StateFolder names) {
        this.root = root;
        this.containers = containers;
        this.names = names;
    }

    /// Opens a state directory, and makes it if it is missing.
    public static StateDirectory open(Path path) throws IOException {
        StateFolder root = root(path.toAbsolutePath().normalize());
        @Nullable StateFolder containers = null;
        try {
            containers = root.folder(CONTAINERS);
            return new StateDirectory(root, containers, root.folder(NAMES));
        } catch (IOException | RuntimeException e) {
            root.close();
            if (containers != null) {
                containers.close();
            }
            throw e;
        }
    }

    /// Where it is.
    public Path path() {
        return Path.of(root.toString());
    }

    /// From the top to it, each directory relative to the one above.
    private static StateFolder root(Path path) throws IOException {
        Path parent = path.getParent();
        Path name = path.getFileName();
        if (parent == null || name == null) {
            throw new IOException("'" + path + "' can't be a state directory");
        }
        Path above = parent.toRealPath();
        try (DirectoryCalls calls = new DirectoryCalls(null)) {
            Fd at = Fd.open("/", DirectoryCalls.O_PATH | DirectoryCalls.O_DIRECTORY, 0);
            try {
                check(calls.status(at), "/");
                for (int i = 0; i < above.getNameCount(); i++) {
                    String shown = "/" + above.subpath(0, i + 1);
                    byte[] next = above.getName(i).toString().getBytes(StandardCharsets.UTF_8);
                    long opened = calls.tryOpen(
                            at, next, DirectoryCalls.O_PATH | DirectoryCalls.O_DIRECTORY | DirectoryCalls.O_NOFOLLOW, 0,
                            DirectoryCalls.BENEATH);
                    Fd below = new Fd((int) DirectoryCalls.check(opened, "openat2", shown.getBytes(StandardCharsets.UTF_8)));
                    at.close();
                    at = below;
                    check(calls.status(at), shown);
                }
                return StateFolder.openOrMake(at, above.getNameCount() == 0 ? "" : above.toString(), name.toString());
            } finally {
                at.close();
            }
        }
    }

    /// Who can write in a directory above can put another one in the place of the next, unless that is forbidden by the sticky bit.
    private static void check(FileStatus status, String shown) throws IOException {
        if (!OwnUser.trusted(status.uid())) {
            throw new IOException("'" + shown + "' belongs to uid " + status.uid()
                    + ", who could exchange the state directory in it");
        }
        int permissions = status.permissions();
        if ((permissions & OTHERS_WRITE) != 0 && (permissions & STICKY) == 0) {
            throw new IOException("'" + shown + "' has the permissions 0" + Integer.toOctalString(permissions)
                    + ": others could exchange the state directory in it");
        }
    }

    /// Waits until nobody else changes names and directories, and keeps all from it until the result is closed.
    public Fd lock() throws IOException {
        Fd file = lockFile();
        try {
            long end = System.nanoTime() + PATIENCE_NANOS;
            for (long pause = 100_000; !StateFolder.tryLock(file, true); pause = Math.min(2 * pause, LONGEST_PAUSE)) {
                if (System.nanoTime() > end) {
                    throw new IOException("'" + root + "/" + LOCK + "' is locked by another process for more than "
                            + PATIENCE_NANOS / 1_000_000_000 + " s; /proc/locks names it");
                }
                Thread.sleep(java.time.Duration.ofNanos(pause));
            }
            return file;
        } catch (InterruptedException e) {
            file.close();
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while waiting for '" + root + "/" + LOCK + "'").initCause(e);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private Fd lockFile() throws IOException {
        while (true) {
            Fd known = root.tryFile(LOCK, DirectoryCalls.O_RDWR);
            if (known != null) {
                return known;
            }
            try {
                return root.create(LOCK);
            } catch (ErrnoException e) {
                if (!e.errno().equals(Errno.EEXIST)) {
                    throw e;
                }
            }
        }
    }

    /// An id that nobody has.
    public static String newId() {
        byte[] bytes = new byte[ID_BYTES];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /// Whether a text can be an id, and so the name of a container's directory.
    public static boolean isId(String text) {
        boolean hex = text.length() == ID;
        for (int i = 0; hex && i < ID; i++) {
            hex = "0123456789abcdef".indexOf(text.charAt(i)) >= 0;
        }
        return hex;
    }

    /// The names of all directories of containers, whether they are ids or not.
    public List<String> ids() throws IOException {
        return containers.names();
    }

    /// The directory of a container.
    ///
    /// @return null if there is none
    public @Nullable Entry entry(String id) throws IOException {
        StateFolder folder = containers.tryFolder(id);
        return folder == null ? null : new Entry(id, folder);
    }

    /// Makes the directory of a container and locks it, so that nobody takes it for a left-over. To be called while [#lock] is held.
    public Entry make(String id) throws IOException {
        if (containers.has(id)) {
            throw new IOException("there is a container " + id + " already");
        }
        return new Entry(id, containers.folder(id));
    }

    /// Deletes the directory of a container with all that is in it, the record first: what is left if this JVM is killed meanwhile is
    /// taken for a container that never started.
    public void delete(Entry entry) throws IOException {
        StateFolder folder = entry.folder();
        folder.remove(Entry.RECORD);
        List<String> files = folder.names();
        for (int i = 0; i < files.size(); i++) {
            folder.remove(files.get(i));
        }
        containers.remove(entry.id(), true);
    }

    /// Gives a name to a container. To be called while [#lock] is held.
    ///
    /// @return false if it is another's
    public boolean claim(String name, String id) throws IOException {
        byte[] content = (id + "\n").getBytes(StandardCharsets.US_ASCII);
        if (names.writeNew(name, content)) {
            return true;
        }
        String owner = owner(name);
        if (id.equals(owner)) {
            return true;
        }
        if (owner != null && isNamed(owner, name)) {
            return false;
        }
        names.remove(name); // who had it is gone
        return names.writeNew(name, content);
    }

    /// Takes a name from a container, if it is that one's. To be called while [#lock] is held.
    public void release(String name, String id) throws IOException {
        if (id.equals(owner(name))) {
            names.remove(name);
        }
    }

    /// The id of who is called so, if the name can be read.
    public @Nullable String owner(String name) throws IOException {
        byte[] content = names.read(name, ID + 1);
        String text = content == null ? "" : new String(content, StandardCharsets.US_ASCII).trim();
        return isId(text) ? text : null;
    }

    /// A container that is about to start has no record yet, and keeps its name; so does one whose record can't be read.
    private boolean isNamed(String id, String name) throws IOException {
        try (Entry entry = entry(id)) {
            if (entry == null) {
                return false;
            }
            byte[] record = entry.folder().read(Entry.RECORD, Entry.MOST);
            return record == null ? entry.isLocked() : Identity.parse(record, id).name().equals(name);
        } catch (IOException e) {
            return true;
        }
    }

    /// Removes the names whose containers are gone. To be called while [#lock] is held.
    public void dropStaleNames() throws IOException {
        List<String> all = new ArrayList<>(names.names());
        for (int i = 0; i < all.size(); i++) {
            String owner = owner(all.get(i));
            if (owner == null || !isNamed(owner, all.get(i))) {
                names.remove(all.get(i));
            }
        }
    }

    @Override
    public void close() {
        names.close();
        containers.close();
        root.close();
    }

    @Override
    public String toString() {
        return root.toString();
    }

}
