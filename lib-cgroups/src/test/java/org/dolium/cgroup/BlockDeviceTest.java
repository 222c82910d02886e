// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.dolium.testing.Await;
import org.dolium.testing.LeakCheck;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class BlockDeviceTest {
    @TempDir
    Path scratch;

    @Test
    void numbers_are_read_as_they_are_printed() {
        assertThat(BlockDevice.parse("8:16")).isEqualTo(new BlockDevice(8, 16)).hasToString("8:16");
        assertThat(BlockDevice.parse("4095:1048575")).isEqualTo(new BlockDevice(4095, 1048575));
        for (String text : new String[] {
            "", "8", "8:", ":8", "8:1:2", "-1:0", "8:0\n", " 8:0", "4096:0", "8:1048576", "99999999999:0", "a:b"
        }) {
            assertThatIllegalArgumentException()
                    .as(text)
                    .isThrownBy(() -> BlockDevice.parse(text))
                    .withMessageContaining("the form \"8:0\"");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> new BlockDevice(-1, 0)).withMessageContaining("-1:0");
    }

    /// 259 is where disks with many partitions and NVMe are; a minor number above 255 is not in one piece.
    @Test
    void the_number_of_stat_is_taken_apart_as_the_kernel_puts_it_together() {
        assertThat(BlockDevice.decode(0x801)).isEqualTo(new BlockDevice(8, 1));
        assertThat(BlockDevice.decode(0x10301)).isEqualTo(new BlockDevice(259, 1));
        assertThat(BlockDevice.decode(0x5010304)).isEqualTo(new BlockDevice(259, 0x5004));
        assertThat(BlockDevice.decode(0xffffffffL)).isEqualTo(new BlockDevice(0xfff, 0xfffff));
    }

    @Test
    void a_partition_belongs_to_the_disk_above_it() throws IOException {
        Path sysfs = Files.createDirectories(scratch.resolve("dev/block"));
        Path disk = Files.createDirectories(scratch.resolve("devices/pci0/nvme0n1"));
        Path partition = Files.createDirectory(disk.resolve("nvme0n1p2"));
        Files.writeString(disk.resolve("dev"), "259:0\n");
        Files.writeString(partition.resolve("dev"), "259:2\n");
        Files.writeString(partition.resolve("partition"), "2\n");
        Files.createSymbolicLink(sysfs.resolve("259:0"), Path.of("../../devices/pci0/nvme0n1"));
        Files.createSymbolicLink(sysfs.resolve("259:2"), Path.of("../../devices/pci0/nvme0n1/nvme0n1p2"));
        assertThat(new BlockDevice(259, 2).disk(sysfs)).isEqualTo(new BlockDevice(259, 0));
        assertThat(new BlockDevice(259, 0).disk(sysfs)).isEqualTo(new BlockDevice(259, 0));
        assertThatIOException()
                .isThrownBy(() -> new BlockDevice(259, 9).disk(sysfs))
                .withMessage("the kernel has no block device 259:9");
    }

    @Test
    void what_is_on_no_disk_is_refused_with_the_reason() {
        assertThatIOException()
                .isThrownBy(() -> BlockDevice.of(Path.of("/proc/self/status")))
                .withMessage("the file system of \"/proc/self/status\" (proc) is on no block device");
        assertThatIOException()
                .isThrownBy(() -> BlockDevice.of(Path.of("/dev/null")))
                .withMessage("\"/dev/null\" is a character device, not a block device");
        assertThatIOException()
                .isThrownBy(() -> BlockDevice.of(Path.of("/no/such")))
                .isInstanceOf(NoSuchFileException.class);
    }

    /// A disk in a file, with a partition: the kernel takes limits for the one and not for the other.
    @Test
    @Tag("kernel")
    @Tag("root")
    @Tag("cgroup-v1")
    void limits_are_accepted_for_the_disk_of_a_partition_and_not_for_the_partition() throws Exception {
        MustRun.root();
        Path image = scratch.resolve("disk");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(1 << 20);
        }
        String loop = run(MustRun.program("losetup"), "--find", "--show", image.toString());
        try {
            run(MustRun.program("addpart"), loop, "1", "1", "2000"); // for kernels that read no tables of partitions
            BlockDevice disk = BlockDevice.of(Path.of(loop));
            assertThat(disk).hasToString(run("stat", "-c", "%Hr:%Lr", loop));
            Path node = Path.of(loop + "p1");
            Await.that("the node of the partition", () -> Files.exists(node));
            BlockDevice partition = BlockDevice.of(node);
            assertThat(partition).isNotEqualTo(disk).hasToString(run("stat", "-c", "%Hr:%Lr", node.toString()));
            assertThat(partition.disk()).isEqualTo(disk);
            assertThat(disk.disk()).isEqualTo(disk);
            limit(partition.disk());
            assertThatThrownBy(() -> limit(partition)).hasMessageContaining("No such device");
        } finally {
            run(MustRun.program("delpart"), loop, "1");
            run("losetup", "--detach", loop);
        }
    }

    /// Sets a limit of cgroup v1 in a group made for it.
    private static void limit(BlockDevice device) throws IOException {
        List<String> mounts = CgroupMount.parse(Files.readString(Path.of("/proc/self/mountinfo"))).stream()
                .filter(mount -> mount.has(Controller.IO))
                .map(CgroupMount::mountPoint)
                .toList();
        MustRun.require(!mounts.isEmpty(), "the blkio controller of cgroup v1");
        Path group = Files.createDirectory(Path.of(mounts.get(0), "dolium-block-" + Long.toHexString(System.nanoTime())));
        try {
            Files.writeString(group.resolve("blkio.throttle.write_bps_device"), device + " 1048576");
        } finally {
            Files.delete(group);
        }
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8).trim();
        assertThat(process.waitFor()).as("%s: %s", List.of(command), output).isZero();
        return output;
    }
}
