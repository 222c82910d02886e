// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.dolium.linux.Quoting;

/// The numbers of a block device, as limits of input and output name it: `8:0`.
///
/// Such limits are about whole disks: the kernel refuses the numbers of a partition. [#disk] says which disk has it. A
/// device of several others (LVM, RAID, encryption, loop) is a disk of its own.
///
/// @param major the number of the driver
/// @param minor the number of the device
public record BlockDevice(int major, int minor) {
    private static final Path SYSFS = Path.of("/sys/dev/block");
    private static final int LAST_MAJOR = 0xfff;
    private static final int LAST_MINOR = 0xfffff;
    private static final int S_IFMT = 0170000;
    private static final int S_IFBLK = 0060000;
    private static final int S_IFCHR = 0020000;

    public BlockDevice {
        if (major < 0 || major > LAST_MAJOR || minor < 0 || minor > LAST_MINOR) {
            throw new IllegalArgumentException("block device " + major + ":" + minor + " is not between 0:0 and "
                    + LAST_MAJOR + ":" + LAST_MINOR);
        }
    }

    /// Reads `8:0`.
    ///
    /// @throws IllegalArgumentException if `text` has another form or a number is out of range
    public static BlockDevice parse(String text) {
        int colon = text.indexOf(':');
        int major = colon < 0 ? -1 : number(text, 0, colon, LAST_MAJOR);
        int minor = colon < 0 ? -1 : number(text, colon + 1, text.length(), LAST_MINOR);
        if (major < 0 || minor < 0) {
            throw new IllegalArgumentException("block device " + Quoting.quote(text)
                    + " has not the form \"8:0\": numbers up to " + LAST_MAJOR + " and " + LAST_MINOR);
        }
        return new BlockDevice(major, minor);
    }

    /// The number between two places, or -1.
    private static int number(String text, int start, int end, int last) {
        int value = start < end ? 0 : -1;
        for (int i = start; i < end && value >= 0; i++) {
            int digit = text.charAt(i) - '0';
            value = digit < 0 || digit > 9 || value > last ? -1 : 10 * value + digit;
        }
        return value > last ? -1 : value;
    }

    /// The device that a node of /dev stands for; for any other path, the device of the file system that holds it.
    ///
    /// @throws IOException if there is no such path, it is a character device, or its file system has no device: one in
    ///         memory, an overlay, or one of the network
    public static BlockDevice of(Path path) throws IOException {
        Map<String, Object> attributes = Files.readAttributes(path, "unix:mode,rdev,dev");
        int type = (int) attributes.get("mode") & S_IFMT;
        if (type == S_IFBLK) {
            return decode((long) attributes.get("rdev"));
        }
        if (type == S_IFCHR) {
            throw new IOException(Quoting.quote(path.toString()) + " is a character device, not a block device");
        }
        BlockDevice device = decode((long) attributes.get("dev"));
        return device.major != 0 ? device : ofSource(path);
    }

    /// Some file systems on a disk, such as btrfs, have a number that is no device's; but their source is one.
    private static BlockDevice ofSource(Path path) throws IOException {
        Path source = Path.of(Files.getFileStore(path).name());
        if (source.startsWith("/dev") && Files.exists(source)) {
            Map<String, Object> attributes = Files.readAttributes(source, "unix:mode,rdev");
            if (((int) attributes.get("mode") & S_IFMT) == S_IFBLK) {
                return decode((long) attributes.get("rdev"));
            }
        }
        throw new IOException("the file system of " + Quoting.quote(path.toString()) + " ("
                + Files.getFileStore(path).type() + ") is on no block device");
    }

    /// Takes apart what stat(2) gives; see makedev(3).
    static BlockDevice decode(long number) {
        int major = (int) (number >> 8 & 0xfff | number >> 32 & ~0xfffL);
        int minor = (int) (number & 0xff | number >> 12 & ~0xffL);
        return new BlockDevice(major, minor);
    }

    /// The whole disk of which this is a partition; this device itself if it is none.
    ///
    /// @throws IOException if the kernel has no such device
    public BlockDevice disk() throws IOException {
        return disk(SYSFS);
    }

    BlockDevice disk(Path sysfs) throws IOException {
        Path device = sysfs.resolve(toString());
        if (!Files.isDirectory(device)) {
            throw new IOException("the kernel has no block device " + this);
        }
        if (!Files.exists(device.resolve("partition"))) {
            return this;
        }
        return parse(Files.readString(device.toRealPath().resolveSibling("dev")).trim());
    }

    @Override
    public String toString() {
        return major + ":" + minor;
    }
}
