// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.files;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.dolium.kernel.Fd;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;

/// A file that never has a name, so that a JVM that is killed leaves nothing; where the file system can't do that, one that loses its
/// name at once.
public final class UnnamedFile implements Closeable {
    private static final int O_TMPFILE_RDWR = 0x400000 | FileCalls.O_DIRECTORY | 2;
    private static final int CREATE_NEW_RDWR = 2 | 0x40 | 0x80;

    private final Fd fd;

    private UnnamedFile(Fd fd) {
        this.fd = fd;
    }

    /// @param directory where its content takes room
    public static UnnamedFile create(Path directory) throws IOException {
        try {
            return new UnnamedFile(Fd.open(directory.toString(), O_TMPFILE_RDWR, 0600));
        } catch (ErrnoException e) {
            if (!e.errno().equals(Errno.EOPNOTSUPP) && !e.errno().equals(Errno.EISDIR)) {
                throw e;
            }
            return named(directory.resolve(".dolium-" + UUID.randomUUID()));
        }
    }

    static UnnamedFile named(Path path) throws IOException {
        UnnamedFile file = new UnnamedFile(Fd.open(path.toString(), CREATE_NEW_RDWR, 0600));
        try {
            Files.delete(path);
            return file;
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /// A name by which only this process finds it, until this is closed.
    public Path path() {
        return Path.of("/proc/self/fd/" + fd.number());
    }

    /// The file for reading and writing, also after this is closed.
    public FileChannel channel() throws IOException {
        return FileChannel.open(path(), StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    @Override
    public void close() {
        fd.close();
    }
}
