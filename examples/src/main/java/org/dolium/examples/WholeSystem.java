// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.dolium.container.Container;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.Rootfs;
import org.dolium.container.Stopped;

/// Boots a Linux distribution with its own systemd, asks it which services run, and shuts it down. Its root file system may come from
/// `debootstrap --variant=minbase --include=systemd-sysv,dbus bookworm DIR`; nothing in there is changed.
public final class WholeSystem {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private WholeSystem() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        System.out.println(services(Path.of(args[0])));
    }

    static String services(Path root) throws IOException, InterruptedException {
        // README:start boot
        try (Container system = ContainerBuilder.create().rootfs(Rootfs.overlay(root)).osContainer().start()) {
            while (!system.exec("systemctl", "is-system-running", "--wait").run(LIMIT).stdout().matches("(running|degraded)\n")) {
                Thread.sleep(100); // it does not even listen yet
            }
            String services = system.exec("systemctl", "list-units", "--type=service", "--state=running").run().stdout();
            Stopped end = system.stop(LIMIT); // in order, as systemd does it
            return services + end;
        }
        // README:end
    }
}
