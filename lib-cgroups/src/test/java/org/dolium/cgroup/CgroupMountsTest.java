// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;

class CgroupMountsTest {
    private static final String UNIFIED = """
            22 28 0:21 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw
            30 22 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate
            """;
    private static final String LEGACY = """
            31 22 0:26 / /sys/fs/cgroup ro,nosuid,nodev,noexec - tmpfs tmpfs ro,mode=755
            32 31 0:27 / /sys/fs/cgroup/memory rw,nosuid shared:10 master:2 - cgroup cgroup rw,memory
            33 31 0:28 /docker/x /sys/fs/cgroup/cpu,cpuacct rw,nosuid - cgroup cgroup rw,cpu,cpuacct
            """;

    @Example
    void a_unified_machine_has_one_hierarchy() {
        CgroupMounts mounts = CgroupMounts.parse(UNIFIED);
        assertThat(mounts).isEqualTo(new CgroupMounts(List.of("/sys/fs/cgroup"), List.of()));
        assertThat(mounts.hybrid()).isFalse();
    }

    @Example
    void optional_fields_do_not_shift_the_others() {
        CgroupMounts mounts = CgroupMounts.parse(LEGACY);
        assertThat(mounts.unified()).isEmpty();
        assertThat(mounts.legacy()).containsExactly("/sys/fs/cgroup/memory", "/sys/fs/cgroup/cpu,cpuacct");
        assertThat(mounts.hybrid()).isFalse();
    }

    @Example
    void a_hybrid_machine_has_both() {
        String both = LEGACY + "40 31 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
        assertThat(CgroupMounts.parse(both).hybrid()).isTrue();
    }

    /// The kernel writes blanks and backslashes of a name as octal numbers.
    @Example
    void escaped_names_are_read_as_they_are() {
        CgroupMounts mounts = CgroupMounts.parse("30 22 0:26 / /a\\040b\\134c\\011d\\012e - cgroup2 x rw\n");
        assertThat(mounts.unified()).containsExactly("/a b\\c\td\ne");
    }

    @Example
    void a_mount_point_that_looks_like_another_field_is_none() {
        CgroupMounts mounts = CgroupMounts.parse("30 22 0:26 / /x rw - tmpfs cgroup2 rw\n31 22 0:26 / /cgroup2 rw - tmpfs x rw\n");
        assertThat(mounts).isEqualTo(new CgroupMounts(List.of(), List.of()));
    }

    @Property
    void any_text_is_read(@ForAll @StringLength(max = 200) String text) {
        assertThat(CgroupMounts.parse(text).hybrid()).isFalse();
    }

    @Property
    void a_line_that_is_cut_short_is_skipped_or_whole(@ForAll int length) {
        String cut = LEGACY.substring(0, Math.floorMod(length, LEGACY.length() + 1));
        assertThat(List.of("/sys/fs/cgroup/memory", "/sys/fs/cgroup/cpu,cpuacct"))
                .containsAll(CgroupMounts.parse(cut).legacy());
    }

    @Example
    void this_machines_hierarchies_are_directories() throws IOException {
        CgroupMounts mounts = CgroupMounts.parse(Files.readString(Path.of("/proc/self/mountinfo")));
        assertThat(mounts.unified()).allMatch(path -> Files.isDirectory(Path.of(path)));
        assertThat(mounts.legacy()).allMatch(path -> Files.isDirectory(Path.of(path)));
    }
}
