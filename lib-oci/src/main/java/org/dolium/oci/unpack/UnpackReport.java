// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.util.Set;
import java.util.TreeSet;

/// What was written of a layer, and what was not.
///
/// @param entries how many entries it has
/// @param bytes how long its files are, with their holes
/// @param skippedDevices how many devices were not made
/// @param droppedXattrs the names of extended attributes that were not written, at most 100 of them
/// @param implied directories that the layer says nothing about
public record UnpackReport(
        long entries, long bytes, long skippedDevices, Set<String> droppedXattrs, ImpliedDirectories implied) {
    public UnpackReport {
        droppedXattrs = java.util.Collections.unmodifiableSet(new TreeSet<>(droppedXattrs));
    }

    /// Counts while a layer is written.
    static final class Counter {
        private static final int MOST = 100;

        private final Set<String> dropped = new TreeSet<>();
        private long entries;
        private long bytes;
        private long devices;

        void entry() {
            entries++;
        }

        void file(long size) {
            bytes += size;
        }

        void device() {
            devices++;
        }

        void dropped(String xattr) {
            if (dropped.size() < MOST) {
                dropped.add(xattr);
            }
        }

        UnpackReport report(ImpliedDirectories implied) {
            return new UnpackReport(entries, bytes, devices, dropped, implied);
        }
    }
}
