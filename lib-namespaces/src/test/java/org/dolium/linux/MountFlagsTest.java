// SPDX-License-Identifier: Apache-2.0
package org.dolium.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class MountFlagsTest {
    @Test
    void attributes_print_by_name() {
        assertThat(MountFlags.attributes(0)).hasToString("0");
        assertThat(MountFlags.attributes(MountFlags.RDONLY | MountFlags.NOEXEC))
                .hasToString("MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOEXEC");
    }

    @Test
    void J_03_a_mount_attr_has_the_kernels_layout() {
        Arg.Bytes attr = MountFlags.mountAttr(MountFlags.RDONLY | MountFlags.NOSUID, Propagation.PRIVATE);
        assertThat(words(attr)).containsExactly(3, 0, 1 << 18, 0);
        assertThat(attr).hasToString("{attr_set=MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID, propagation=MS_PRIVATE}");
    }

    /// Access times are one field of the attributes: a new value needs the old one cleared, or the kernel says EINVAL.
    @Test
    void noatime_clears_the_whole_access_time_field() {
        assertThat(words(MountFlags.mountAttr(MountFlags.NOATIME, Propagation.UNCHANGED))).containsExactly(0x10, 0x70, 0, 0);
    }

    @Test
    void a_mount_attr_of_nothing_changes_nothing() {
        Arg.Bytes attr = MountFlags.mountAttr(0, Propagation.UNCHANGED);
        assertThat(words(attr)).containsOnly(0);
        assertThat(attr).hasToString("{}");
    }

    @Test
    void J_03_an_open_how_has_the_kernels_layout() {
        Arg.Bytes how = MountFlags.openHow(0x280000, "O_PATH|O_CLOEXEC", 0x12, "RESOLVE_X");
        assertThat(words(how)).containsExactly(0x280000, 0, 0x12);
        assertThat(how).hasToString("{flags=O_PATH|O_CLOEXEC, resolve=RESOLVE_X}");
    }

    private static long[] words(Arg.Bytes bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes.value()).order(ByteOrder.LITTLE_ENDIAN);
        long[] words = new long[bytes.value().length / 8];
        buffer.asLongBuffer().get(words);
        return words;
    }
}
