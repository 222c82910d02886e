// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

/// How much a layer may ask for. Whoever made it decides its size, so each stream and each number has a limit.
public final class LayerLimits {
    /// The longest body of an extended header.
    static final int EXTENSION = 1 << 20;

    /// How long a name between two slashes may be, as Linux has it.
    static final int NAME = 255;

    /// The longest target of a symbolic link, as Linux has it.
    static final int LINK = 4095;

    /// How much may come out of compressed content before its ratio matters: 64 MiB.
    static final long RATIO_AFTER = 64L << 20;

    private static final LayerLimits STANDARD = new LayerLimits(1L << 38, 1_000_000, 1024, 1000, 128L << 20);

    private final long bytes;
    private final int entries;
    private final int depth;
    private final int ratio;
    private final long memory;

    private LayerLimits(long bytes, int entries, int depth, int ratio, long memory) {
        if (bytes < 0 || entries < 0 || depth < 1 || ratio < 1 || memory < 0) {
            throw new IllegalArgumentException("a limit is negative or zero");
        }
        this.bytes = bytes;
        this.entries = entries;
        this.depth = depth;
        this.ratio = ratio;
        this.memory = memory;
    }

    /// 256 GiB, a million entries, 1,024 directories within each other, 1000 : 1 after 64 MiB, 128 MiB of memory.
    public static LayerLimits standard() {
        return STANDARD;
    }

    /// @param most how long the archive and, with their holes, its files may be
    public LayerLimits withBytes(long most) {
        return new LayerLimits(most, entries, depth, ratio, memory);
    }

    /// @param most how many headers there may be, those of extensions included, and how many directories that are only named by what
    ///     is in them
    public LayerLimits withEntries(int most) {
        return new LayerLimits(bytes, most, depth, ratio, memory);
    }

    /// @param most how many names a path may have
    public LayerLimits withDepth(int most) {
        return new LayerLimits(bytes, entries, most, ratio, memory);
    }

    /// @param most how many bytes may come out of one
    public LayerLimits withRatio(int most) {
        return new LayerLimits(bytes, entries, depth, most, memory);
    }

    /// @param most how many bytes of the heap may be taken, roughly, by what is kept until a layer ends: names and attributes of its
    ///     directories
    public LayerLimits withMemory(long most) {
        return new LayerLimits(bytes, entries, depth, ratio, most);
    }

    public long bytes() {
        return bytes;
    }

    public int entries() {
        return entries;
    }

    public int depth() {
        return depth;
    }

    public int ratio() {
        return ratio;
    }

    public long memory() {
        return memory;
    }
}
