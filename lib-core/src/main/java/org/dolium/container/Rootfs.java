// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.dolium.process.UserDatabase;
import org.dolium.rootfs.LayeredFile;
import org.dolium.rootfs.RootFile;

/// The root file system of a container.
public sealed interface Rootfs {

    /// The host's own root file system, read-only, with the host's mounts below it.
    record Host() implements Rootfs {}

    /// A directory of the host, as it is. The container writes to the directory itself unless `readOnly`.
    ///
    /// @param path an absolute path
    record Directory(Path path, boolean readOnly) implements Rootfs {
        public Directory {
            path = absolute(path);
        }

        /// The same directory, never written to. Mount points must exist in it.
        public Directory asReadOnly() {
            return new Directory(path, true);
        }
    }

    /// Directories stacked with overlayfs: reads come from the first that has the file, writes go to an upper layer.
    ///
    /// @param lower the read-only layers, topmost first, at most 500
    /// @param upper where writes go
    /// @param readOnly whether the command can write only to what is mounted in it and to volumes
    record Overlay(List<Path> lower, Upper upper, boolean readOnly) implements Rootfs {
        public Overlay {
            List<Path> absolute = new ArrayList<>(lower.size());
            for (Path path : lower) {
                absolute.add(absolute(path));
            }
            lower = List.copyOf(absolute);
            if (lower.isEmpty()) {
                throw new IllegalArgumentException("an overlay needs at least one lower directory");
            }
        }

        public Overlay(List<Path> lower, Upper upper) {
            this(lower, upper, false);
        }

        /// The same layers, never written to by the command. Mount points are still made where they are missing.
        public Overlay asReadOnly() {
            return new Overlay(lower, upper, true);
        }

        /// The same layers with writes kept in memory, up to `size`, and gone with the container.
        public Overlay upperInMemory(MemorySize size) {
            return new Overlay(lower, new Upper.Memory(size), readOnly);
        }

        /// The same layers with writes in a new directory below `parent`, deleted when the container is closed.
        public Overlay upperOnDisk(Path parent) {
            return new Overlay(lower, new Upper.Disk(absolute(parent)), readOnly);
        }
    }

    /// Where an overlay keeps what the container writes. Both kinds end with the container.
    sealed interface Upper {
        record Memory(MemorySize size) implements Upper {
            public Memory {
                if (size.bytes() == 0) {
                    throw new IllegalArgumentException("upper layer: size is zero, which is no limit for the kernel");
                }
            }
        }

        record Disk(Path parent) implements Upper {}
    }

    /// Its users and groups, as its /etc/passwd and /etc/group name them now; see [ContainerBuilder#users].
    ///
    /// @throws IOException if one of the files is no regular file, is larger than 10 MiB, or can't be read
    default UserDatabase users() throws IOException {
        return new UserDatabase(file("/etc/passwd"), file("/etc/group"));
    }

    private byte[] file(String path) throws IOException {
        Optional<byte[]> content = this instanceof Overlay overlay
                ? LayeredFile.read(overlay.lower(), path)
                : RootFile.read(this instanceof Directory directory ? directory.path() : Path.of("/"), path);
        return content.isPresent() ? content.get() : new byte[0];
    }

    static Host host() {
        return new Host();
    }

    static Directory directory(Path path) {
        return new Directory(path, false);
    }

    /// An overlay whose upper layer is in memory, at most 1 GiB. In a user namespace before Linux 6.6 directories of the layers can't be
    /// removed then, which [Container#reductions] says; with [Overlay#upperOnDisk] they can.
    ///
    /// @param lower the read-only layers, topmost first
    static Overlay overlay(Path... lower) {
        return new Overlay(List.of(lower), new Upper.Memory(MemorySize.gibibytes(1)));
    }

    private static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }
}
