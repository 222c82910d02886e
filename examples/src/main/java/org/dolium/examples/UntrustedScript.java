// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples;

import java.io.IOException;
import java.time.Duration;
import org.dolium.capability.CapabilitySets;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.ExitStatus;
import org.dolium.container.MemorySize;
import org.dolium.container.Network;
import org.dolium.container.Result;
import org.dolium.process.Rlimit;

/// Somebody else's shell script: without privileges, files of the host or a network, with bounded output and a time
/// limit. When the time is over, everything that it started ends too.
///
/// How much memory and how many processes it uses is not limited yet: that needs cgroups.
public final class UntrustedScript {
    private UntrustedScript() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        Result result = run("echo working; sleep 1000 & while true; do true; done", Duration.ofSeconds(3));
        System.out.print(result.stdout());
        System.out.println(explain(result.status()));
    }

    static Result run(String script, Duration limit) throws IOException, InterruptedException {
        try (HostPrograms programs = new HostPrograms()) {
            // README:start script
            ContainerBuilder builder = ContainerBuilder.create()
                    .command("sh", "-c", script)
                    .user("65534:65534")
                    .capabilities(CapabilitySets.none())
                    .rlimit(new Rlimit(Rlimit.Resource.NOFILE, 64, 64))
                    .rlimit(new Rlimit(Rlimit.Resource.FSIZE, 1 << 20, 1 << 20))
                    .network(Network.none())
                    .captureLimit(MemorySize.mebibytes(1));
            programs.rootOf(builder);
            return builder.run(limit);
            // README:end
        }
    }

    // README:start status
    static String explain(ExitStatus status) {
        return switch (status) {
            case ExitStatus.Exited exited -> "ended with exit code " + exited.code();
            case ExitStatus.Signalled signalled -> "ended by " + signalled.signal();
            case ExitStatus.TimedOut timedOut -> "killed after " + timedOut.limit().toMillis() + " ms";
            case ExitStatus.OutOfMemory outOfMemory -> "killed for using too much memory";
        };
    }
    // README:end
}
