// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.nio.file.Path;

/// A JVM whose container makes a call that is never answered. Prints the container's pid when the call waits.
public final class WaitingCallMain {
    private WaitingCallMain() {}

    /// @param args the root file system
    public static void main(String[] args) throws Exception {
        Container container = ContainerBuilder.create().rootfs(Rootfs.directory(Path.of(args[0])))
                .command("mkdir", "/tmp/x")
                .onSyscall("mkdir", call -> {
                    System.out.println(call.pid());
                    Thread.sleep(1_000_000);
                    return call.proceed();
                }).start();
        container.waitFor();
    }
}
