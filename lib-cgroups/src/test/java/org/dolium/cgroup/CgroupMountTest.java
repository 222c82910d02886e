// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CgroupMountTest {
    private static final String HYBRID = """
            30 23 0:27 / /sys/fs/cgroup ro,nosuid - tmpfs tmpfs ro,mode=755
            31 30 0:28 / /sys/fs/cgroup/unified rw,nosuid - cgroup2 cgroup2 rw,nsdelegate
            32 30 0:29 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
            33 30 0:30 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct
            34 30 0:31 /docker/1 /sys/fs/cgroup/a\\040b ro - cgroup cgroup rw,memory
            """;

    @Test
    void every_hierarchy_is_found_with_its_controllers() {
        List<CgroupMount> mounts = CgroupMount.parse(HYBRID);
        assertThat(mounts).extracting(CgroupMount::mountPoint).containsExactly(
                "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/a b");
        assertThat(mounts.get(0).unified()).isTrue();
        assertThat(mounts.get(2).has(Controller.CPU)).isTrue();
        assertThat(mounts.get(2).has(Controller.CPUACCT)).isTrue();
        assertThat(mounts.get(2).has(Controller.MEMORY)).isFalse();
        assertThat(mounts.get(3).has(Controller.MEMORY)).isTrue();
        assertThat(mounts.get(3).readOnly()).isTrue();
        assertThat(mounts.get(0).readOnly()).isFalse();
    }

    @Test
    void a_cgroup_is_located_relative_to_the_root_of_the_mount() {
        CgroupMount whole = CgroupMount.parse(HYBRID).get(0);
        CgroupMount part = CgroupMount.parse(HYBRID).get(3);
        assertThat(whole.locate("/")).isEqualTo("/sys/fs/cgroup/unified");
        assertThat(whole.locate("/a/b")).isEqualTo("/sys/fs/cgroup/unified/a/b");
        assertThat(part.locate("/docker/1")).isEqualTo("/sys/fs/cgroup/a b");
        assertThat(part.locate("/docker/1/x")).isEqualTo("/sys/fs/cgroup/a b/x");
    }

    @Test
    void what_is_outside_of_the_mount_or_of_the_namespace_is_nowhere() {
        CgroupMount whole = CgroupMount.parse(HYBRID).get(0);
        CgroupMount part = CgroupMount.parse(HYBRID).get(3);
        assertThat(whole.locate("/../other")).isEmpty();
        assertThat(part.locate("/docker/12")).isEmpty();
        assertThat(part.locate("/")).isEmpty();
    }

    @Test
    void what_is_no_line_of_a_mount_table_is_no_mount() {
        assertThat(CgroupMount.parse("")).isEmpty();
        assertThat(CgroupMount.parse("x - cgroup2\n1 2 3 / - cgroup2 x\n - cgroup cgroup rw\n")).isEmpty();
    }
}
