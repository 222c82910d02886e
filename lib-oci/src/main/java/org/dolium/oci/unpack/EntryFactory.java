// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Turns the headers of an entry that has no content into what it means.
final class EntryFactory {
    private static final byte[] MARK = {'.', 'w', 'h', '.'};
    static final int MARK_LENGTH = MARK.length;
    private static final byte[] OPAQUE = {'.', 'w', 'h', '.', '.', 'w', 'h', '.', '.', 'o', 'p', 'q'};
    private static final byte[] AUFS = {'.', 'w', 'h', '.', '.', 'w', 'h', '.'};
    private static final long MAJOR = 1L << 12; // Linux has 12 bits for it
    private static final long MINOR = 1L << 20;

    private EntryFactory() {}

    /// Whether it is what a union file system of old kept for itself at the top of a layer, which means nothing.
    static boolean isAufs(LayerPath path) {
        return !path.isRoot() && startsWith(path.names()[0], AUFS) && !(path.depth() == 1 && Arrays.equals(path.name(), OPAQUE));
    }

    /// What is removed, or null if the path is of something that is there.
    static @Nullable LayerEntry removal(LayerPath path, char type, long size) throws LayerException {
        byte[] name = path.name();
        if (!startsWith(name, MARK)) {
            return null;
        }
        if (type != '0' && type != '\0' && type != '1' || size != 0) { // AUFS has links of one file
            throw new LayerException("it is a whiteout that is no empty file");
        }
        if (Arrays.equals(name, OPAQUE)) {
            return new LayerEntry.OpaqueMarker(path.parent());
        }
        byte[] removed = Arrays.copyOfRange(name, MARK.length, name.length);
        if (removed.length == 0 || startsWith(removed, MARK) || isDots(removed)) {
            throw new LayerException("it is a whiteout of nothing that may be there");
        }
        return new LayerEntry.Whiteout(path.parent().resolve(removed));
    }

    private static boolean isDots(byte[] name) {
        return name[0] == '.' && (name.length == 1 || name.length == 2 && name[1] == '.');
    }

    /// No directory has the name of a whiteout, and nothing is linked to one.
    static void checkNames(LayerPath path, int count) throws LayerException {
        byte[][] names = path.names();
        for (int i = 0; i < count; i++) {
            if (startsWith(names[i], MARK)) {
                throw new LayerException("its path leads through a whiteout");
            }
        }
    }

    static LayerEntry entry(LayerPath path, HeaderBlock block, Headers headers, int depth) throws LayerException {
        char type = block.type();
        if (path.isRoot() && type != '5') {
            throw new LayerException("it is the root, and no directory");
        }
        return switch (type) {
            case '1' -> hardLink(path, headers.link(block), depth);
            case '2' -> symbolicLink(path, headers.metadata(block), headers.link(block));
            case '3', '4' -> device(path, headers.metadata(block), block);
            case '5' -> new LayerEntry.Directory(path, headers.metadata(block));
            case '6' -> new LayerEntry.Fifo(path, headers.metadata(block));
            default -> throw new LayerException("it is of the unknown type " + (int) type);
        };
    }

    private static LayerEntry hardLink(LayerPath path, byte[] link, int depth) throws LayerException {
        LayerPath target;
        try {
            target = LayerPath.parse(link, depth);
        } catch (LayerException e) {
            throw new LayerException("the file that it is a link of: " + e.getMessage(), e);
        }
        if (target.isRoot()) {
            throw new LayerException("it is a hard link of a directory");
        }
        checkNames(target, target.depth());
        return new LayerEntry.HardLink(path, target);
    }

    private static LayerEntry symbolicLink(LayerPath path, Metadata metadata, byte[] target) throws LayerException {
        if (target.length == 0 || target.length > LayerLimits.LINK) {
            throw new LayerException("it is a symbolic link with a target of " + target.length + " bytes");
        }
        for (byte b : target) {
            if (b == 0) {
                throw new LayerException("it is a symbolic link whose target has a NUL byte");
            }
        }
        return new LayerEntry.SymbolicLink(path, metadata, target);
    }

    private static LayerEntry device(LayerPath path, Metadata metadata, HeaderBlock block) throws LayerException {
        long major = block.major();
        long minor = block.minor();
        if (major >= MAJOR || minor >= MINOR) {
            throw new LayerException("it is the device " + major + ":" + minor + ", which Linux can't have");
        }
        return new LayerEntry.Device(path, metadata, block.type() == '4', (int) major, (int) minor);
    }

    /// Whether what begins here in a path is marked as removed: the mark is no part of the name's own length.
    static boolean isMarked(byte[] path, int from) {
        return path.length - from >= MARK.length && Arrays.equals(path, from, from + MARK.length, MARK, 0, MARK.length);
    }

    private static boolean startsWith(byte[] name, byte[] start) {
        return name.length >= start.length && Arrays.equals(name, 0, start.length, start, 0, start.length);
    }
}
