// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Sys;

/// A program in a pid namespace of its own: starts a container, lets it end, has another process get its pid, and sends the
/// container a signal.
public final class ReusedPid {
    private ReusedPid() {}

    public static void main(String[] arguments) throws Exception {
        ContainerBuilder builder = ContainerBuilder.create().rootfs(Rootfs.directory(Path.of(arguments[0]))).command("cat");
        try (Container container = builder.start()) {
            long pid = container.pid();
            container.process().outputWriter().close();
            container.waitFor();
            Process other = withPid(pid);
            boolean handle = arguments[1].equals("handle");
            boolean sent = handle
                    ? container.kill(Signal.KILL)
                    : Kernel.call(Sys.KILL, pid, 9, 0, 0) == 0;
            boolean lives = !other.waitFor(handle ? Duration.ofMillis(300) : Duration.ofSeconds(30));
            System.out.println("sent " + sent + ", the other process lives " + lives);
            other.destroyForcibly().waitFor();
        }
    }

    /// The kernel says which pid it gives next.
    private static Process withPid(long pid) throws Exception {
        for (int attempt = 0; attempt < 200; attempt++) {
            Files.writeString(Path.of("/proc/sys/kernel/ns_last_pid"), Long.toString(pid - 1));
            Process other = new ProcessBuilder("sleep", "100").start();
            if (other.pid() == pid) {
                return other;
            }
            other.destroyForcibly().waitFor();
        }
        throw new AssertionError("no process got pid " + pid);
    }
}
