// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.nio.file.Files;
import java.nio.file.Path;
import org.dolium.cgroup.CgroupPlacement;

/// A JVM that starts a container through a monitor and says how far it is.
public final class MonitorMain {
    private MonitorMain() {}

    /// @param args the root file system, the container's directory, its script, and after what to wait: `made`, `started` or `released`;
    ///     and whether it has a terminal
    public static void main(String[] args) throws Exception {
        System.out.println("ready");
        ContainerBuilder builder = ContainerBuilder.create().rootfs(Rootfs.directory(Path.of(args[0])))
                .command("sh", "-c", args[2], args[1])
                .cgroup(CgroupPlacement.none()); // another JVM would remove that of this one when it is killed
        if (args[4].equals("true")) {
            builder.terminal();
        }
        MonitoredLaunch launch = MonitoredLaunch.of(builder, Path.of(args[1]));
        Files.writeString(Path.of(args[1], "pids"), launch.detached().monitorPid() + " " + launch.pid());
        reach("made", args[3]);
        launch.detached().awaitStarted(MonitoredLaunch.LONG);
        reach("started", args[3]);
        launch.detached().release(MonitoredLaunch.LONG);
        Files.writeString(Path.of(args[1], "released"), "");
        reach("released", args[3]);
    }

    private static void reach(String point, String last) throws InterruptedException {
        System.out.println(point);
        if (point.equals(last)) {
            Thread.sleep(1_000_000);
        }
    }
}
