// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dolium.testing.Situation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Run by [HostVmTest] in a machine with Debian's kernel and unified cgroups, as root under a bare init.
public class HostVmCases {
    private static final List<String> HERE = List.of("env");
    private static final List<String> OWN_MOUNTS = List.of("unshare", "--mount", "--propagation", "private");

    @TempDir
    Path directory;

    private String report(List<String> prefix, String script) throws Exception {
        Path scratch = Files.createDirectory(directory.resolve("scratch"));
        return Situation.run(prefix, script, scratch, Examination.class, "doctor").replaceAll("\n {10,}", " ");
    }

    private static void assertLine(String report, String line) {
        assertThat(report).containsPattern("(?m)^" + line);
    }

    @Test
    void root_has_everything_but_overlays_in_memory_in_a_user_namespace() throws Exception {
        String report = report(HERE, "exec \"$@\"");
        assertLine(report, "default container +ok +starts$");
        assertLine(report, "cgroups +ok +v2, groups below /sys/fs/cgroup, controllers cpu cpuset memory");
        for (String limit : new String[] {"memory", "swap", "cpu", "pids", "cpuset"}) {
            assertLine(report, limit + " limit +ok$");
        }
        assertLine(report, "overlay +ok$");
        assertLine(report, "overlay, user namespace +reduced +mkdirat\\(.* = -1 EIO");
        assertThat(report).contains("upperOnDisk");
    }

    @Test
    void debians_own_switch_is_named() throws Exception {
        Path sysctl = Path.of("/proc/sys/kernel/unprivileged_userns_clone");
        Files.writeString(sysctl, "0\n");
        try {
            String report = report(HERE, Situation.AS_PLAIN_USER);
            assertLine(report, "default container +missing +clone3\\(.* = -1 EPERM");
            assertThat(report).contains("sudo sysctl -w kernel.unprivileged_userns_clone=1").endsWith("can run: false\n");
        } finally {
            Files.writeString(sysctl, "1\n");
        }
    }

    @Test
    void cgroups_that_are_read_only_are_named() throws Exception {
        String report = report(OWN_MOUNTS, "mount -o remount,bind,ro /sys/fs/cgroup; exec \"$@\"");
        assertLine(report, "limits +missing +can't be enforced: /sys/fs/cgroup is read-only");
        assertThat(report).contains("--privileged").endsWith("can run: true\n");
    }

    @Test
    void a_plain_user_whose_cgroup_is_not_delegated_is_told_so() throws Exception {
        String report = report(HERE, Situation.AS_PLAIN_USER);
        assertLine(report, "limits +missing +can't be enforced: cgroup .* is not writable");
        assertThat(report).endsWith("can run: true\n");
    }
}
