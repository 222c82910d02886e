// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.File;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import org.dolium.cgroup.CgroupPlacement;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.MemorySize;
import org.dolium.container.Network;
import org.dolium.container.Rootfs;
import org.dolium.seccomp.SeccompProfile;

/// How much isolation a case asks of everyone. Always: mount, pid, uts, ipc and cgroup namespaces, fresh `/proc`, `/sys`
/// and `/dev`, the default capabilities and `no_new_privs`.
///
/// @param network whether there is a network namespace, with `lo` up
/// @param masks whether the standard paths of `/proc` and `/sys` are masked or read-only
/// @param group whether there are a cgroup with the default limits and a seccomp filter
/// @param limits whether memory, processor time and processes are limited
record Isolation(String text, String key, boolean network, boolean masks, boolean group, boolean limits) {
    static final Isolation MINIMAL = new Isolation("minimal mounts, host network", "minimal", false, false, false, false);
    static final Isolation NO_NETWORK = new Isolation("all defaults but the network", "host", false, true, true, false);
    static final Isolation FULL = new Isolation("all defaults, own network", "full", true, true, true, false);
    static final Isolation LIMITED =
            new Isolation("all defaults, own network, limits", "limited", true, true, true, true);

    static final long MEMORY = 256 << 20;
    static final int CPUS = 1;
    static final int PIDS = 100;

    private static final Redirect NOTHING = Redirect.from(new File("/dev/null"));

    /// A new builder, as an application writes it.
    ContainerBuilder builder(Path rootfs, String... command) {
        ContainerBuilder builder = ContainerBuilder.create()
                .rootfs(Rootfs.directory(rootfs))
                .command(command)
                .redirectInput(NOTHING)
                .redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.DISCARD);
        if (!network) {
            builder.network(Network.host());
        }
        if (!masks) {
            builder.withoutStandardMasks();
        }
        if (!group) {
            builder.cgroup(CgroupPlacement.none()).seccomp(SeccompProfile.unconfined());
        }
        if (limits) {
            builder.memory(MemorySize.bytes(MEMORY)).cpus(CPUS).pids(PIDS);
        }
        return builder;
    }
}
