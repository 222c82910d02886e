// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.nio.file.Path;

/// A JVM that prepares a container, prints its pid and never starts it.
public final class PreparedMain {
    private PreparedMain() {}

    /// @param args the root file system
    public static void main(String[] args) throws Exception {
        Container container = ContainerBuilder.create().rootfs(Rootfs.directory(Path.of(args[0]))).command("true").prepare();
        System.out.println(container.pid());
        Thread.sleep(1_000_000);
    }
}
