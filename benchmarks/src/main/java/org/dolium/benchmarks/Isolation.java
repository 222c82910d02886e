// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.File;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.Network;
import org.dolium.container.Rootfs;

/// How much isolation a case asks of everyone. Always: mount, pid, uts, ipc and cgroup namespaces, fresh `/proc`, `/sys`
/// and `/dev`, the default capabilities and `no_new_privs`.
///
/// @param network whether there is a network namespace, with `lo` up
/// @param masks whether the standard paths of `/proc` and `/sys` are masked or read-only
record Isolation(String text, String key, boolean network, boolean masks) {
    static final Isolation MINIMAL = new Isolation("minimal mounts, host network", "minimal", false, false);
    static final Isolation NO_NETWORK = new Isolation("all defaults but the network", "host", false, true);
    static final Isolation FULL = new Isolation("all defaults, own network", "full", true, true);

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
        return builder;
    }
}
