// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.nio.file.Path;
import java.util.List;

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
    /// @param lower the read-only layers, topmost first
    /// @param upper where writes go
    record Overlay(List<Path> lower, Upper upper) implements Rootfs {
        public Overlay {
            lower = lower.stream().map(Rootfs::absolute).toList();
            if (lower.isEmpty()) {
                throw new IllegalArgumentException("an overlay needs at least one lower directory");
            }
        }

        /// The same layers with writes kept in memory, up to `size`, and gone with the container.
        public Overlay upperInMemory(MemorySize size) {
            return new Overlay(lower, new Upper.Memory(size));
        }

        /// The same layers with writes in a new directory below `parent`, deleted when the container is closed.
        public Overlay upperOnDisk(Path parent) {
            return new Overlay(lower, new Upper.Disk(absolute(parent)));
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

    static Host host() {
        return new Host();
    }

    static Directory directory(Path path) {
        return new Directory(path, false);
    }

    /// An overlay whose upper layer is in memory, at most 1 GiB.
    ///
    /// @param lower the read-only layers, topmost first
    static Overlay overlay(Path... lower) {
        return new Overlay(List.of(lower), new Upper.Memory(MemorySize.gibibytes(1)));
    }

    private static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }
}
