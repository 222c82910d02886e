// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.util.Arrays;
import org.dolium.linux.Quoting;

/// Where something of a layer is, below its root: names joined by single slashes, none of them empty, `.` or `..`. The bytes are
/// those of the layer, in whatever encoding; the root is the empty path.
public final class LayerPath implements Comparable<LayerPath> {
    public static final LayerPath ROOT = new LayerPath(new byte[0]);

    private static final int SHOWN = 200;

    private final byte[] bytes;

    private LayerPath(byte[] bytes) {
        this.bytes = bytes;
    }

    /// Reads a name as archives have it. Slashes before and after it, doubled ones and `.` mean nothing.
    ///
    /// @throws LayerException if it leads outside, or is longer or deeper than allowed
    static LayerPath parse(byte[] name, int depth) throws LayerException {
        byte[] path = new byte[name.length];
        int length = 0;
        int names = 0;
        for (int from = 0; from <= name.length; ) {
            int end = slashOrEnd(name, from);
            if (!isEmptyOrDot(name, from, end)) {
                check(name, from, end);
                if (++names > depth) {
                    throw new LayerException("its path has more than " + depth + " names");
                }
                if (length > 0) {
                    path[length++] = '/';
                }
                System.arraycopy(name, from, path, length, end - from);
                length += end - from;
            }
            from = end + 1;
        }
        return length == 0 ? ROOT : new LayerPath(Arrays.copyOf(path, length));
    }

    private static boolean isEmptyOrDot(byte[] name, int from, int end) {
        return end == from || end == from + 1 && name[from] == '.';
    }

    private static void check(byte[] name, int from, int end) throws LayerException {
        if (end - from == 2 && name[from] == '.' && name[from + 1] == '.') {
            throw new LayerException("its path leads upwards by '..'");
        }
        if (end - from > LayerLimits.NAME + (EntryFactory.isMarked(name, from) ? EntryFactory.MARK_LENGTH : 0)) {
            throw new LayerException("a name of its path has more than " + LayerLimits.NAME + " bytes");
        }
        for (int i = from; i < end; i++) {
            if (name[i] == 0) {
                throw new LayerException("its path has a NUL byte");
            }
        }
    }

    private static int slashOrEnd(byte[] name, int from) {
        int end = from;
        while (end < name.length && name[end] != '/') {
            end++;
        }
        return end;
    }

    public boolean isRoot() {
        return bytes.length == 0;
    }

    /// The path as one, without a slash before or after it.
    public byte[] bytes() {
        return bytes.clone();
    }

    /// How many bytes it has.
    int length() {
        return bytes.length;
    }

    /// How many names it has.
    public int depth() {
        int depth = isRoot() ? 0 : 1;
        for (byte b : bytes) {
            depth += b == '/' ? 1 : 0;
        }
        return depth;
    }

    /// Its names, from the root on.
    public byte[][] names() {
        byte[][] names = new byte[depth()][];
        int from = 0;
        for (int i = 0; i < names.length; i++) {
            int end = slashOrEnd(bytes, from);
            names[i] = Arrays.copyOfRange(bytes, from, end);
            from = end + 1;
        }
        return names;
    }

    /// The last name, empty for the root.
    public byte[] name() {
        return Arrays.copyOfRange(bytes, lastSlash() + 1, bytes.length);
    }

    /// The directory that it is in. The root is in itself.
    public LayerPath parent() {
        int slash = lastSlash();
        return slash < 0 ? ROOT : new LayerPath(Arrays.copyOf(bytes, slash));
    }

    /// A path in this directory.
    ///
    /// @param name one that was checked
    LayerPath resolve(byte[] name) {
        if (isRoot()) {
            return new LayerPath(name.clone());
        }
        byte[] path = Arrays.copyOf(bytes, bytes.length + 1 + name.length);
        path[bytes.length] = '/';
        System.arraycopy(name, 0, path, bytes.length + 1, name.length);
        return new LayerPath(path);
    }

    /// What comes before all paths below this one, `with` a slash, and after them, with the byte that follows it.
    LayerPath bound(char with) {
        byte[] path = Arrays.copyOf(bytes, bytes.length + 1);
        path[bytes.length] = (byte) with;
        return new LayerPath(path);
    }

    /// Whether it is in this directory or deeper.
    boolean isBelow(LayerPath directory) {
        int length = directory.bytes.length;
        return length < bytes.length && bytes[length] == '/' && Arrays.equals(bytes, 0, length, directory.bytes, 0, length);
    }

    private int lastSlash() {
        int at = bytes.length - 1;
        while (at >= 0 && bytes[at] != '/') {
            at--;
        }
        return at;
    }

    @Override
    public int compareTo(LayerPath other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LayerPath path && Arrays.equals(bytes, path.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /// In quotes, with everything escaped that is no printable ASCII.
    @Override
    public String toString() {
        return shown(isRoot() ? new byte[] {'.'} : bytes);
    }

    /// The beginning of a name, for errors.
    static String shown(byte[] name) {
        return name.length > SHOWN ? Quoting.quote(Arrays.copyOf(name, SHOWN)) + "..." : Quoting.quote(name);
    }
}
