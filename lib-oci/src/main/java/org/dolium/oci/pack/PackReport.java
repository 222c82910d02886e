// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pack;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/// What was written of a tree, and what was not.
///
/// @param entries how many entries there are
/// @param bytes how long the files are, with their holes
/// @param removals how many removals are among the entries
/// @param skippedSockets how many sockets were left out: layers have none
/// @param droppedXattrs the names of extended attributes that were left out, at most 100 of them
public record PackReport(long entries, long bytes, long removals, long skippedSockets, Set<String> droppedXattrs) {
    public PackReport {
        droppedXattrs = Collections.unmodifiableSet(new TreeSet<>(droppedXattrs));
    }

    /// Counts while a tree is read.
    static final class Counter {
        private static final int MOST = 100;

        private final Set<String> dropped = new TreeSet<>();
        private long entries;
        private long bytes;
        private long removals;
        private long sockets;

        void entry() {
            entries++;
        }

        void file(long size) {
            bytes += size;
        }

        long bytes() {
            return bytes;
        }

        void removal() {
            entries++;
            removals++;
        }

        void socket() {
            sockets++;
        }

        void dropped(String xattr) {
            if (dropped.size() < MOST) {
                dropped.add(xattr);
            }
        }

        PackReport report() {
            return new PackReport(entries, bytes, removals, sockets, dropped);
        }
    }
}
