// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.Result;
import org.dolium.host.Host;
import org.dolium.kernel.HostProbe;
import org.dolium.launch.ReadHostFiles;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.remedy.HostFiles;

/// Tries everything on this host.
final class Prober {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Map<Probe, Outcome> outcomes = new EnumMap<>(Probe.class);

    private Prober() {}

    static Evidence probe() throws InterruptedException {
        HostFiles files = ReadHostFiles.read();
        Path diskPlace = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
        Prober prober = new Prober();
        prober.defaultContainer();
        prober.tryParts(files, diskPlace);
        return new Evidence(prober.outcomes, files, CgroupProbe.read(files), diskPlace.toString());
    }

    /// What `dolium run true` does. A host that allows no more threads says so with an OutOfMemoryError. On a host without true(1) everything before it works all the same.
    private void defaultContainer() throws InterruptedException {
        outcomes.put(Probe.RUN, ranDefault());
    }

    private static Outcome ranDefault() throws InterruptedException {
        try {
            Result result = ContainerBuilder.create().command("true").run(LIMIT);
            return result.status().success()
                    ? Outcome.WORKS
                    : new Outcome.Failed("the command 'true' " + result.status());
        } catch (ErrnoException e) {
            boolean noSuchCommand = e.call().startsWith("execve(") && e.errno().equals(Errno.ENOENT);
            return noSuchCommand ? Outcome.WORKS : new Outcome.Refused(e.call(), e.errno());
        } catch (IOException | RuntimeException | LinkageError | OutOfMemoryError e) {
            return new Outcome.Failed(message(e));
        }
    }

    /// On a host where no call can be made at all, the first failure has said so.
    private void tryParts(HostFiles files, Path diskPlace) throws InterruptedException {
        try {
            Host host = HostProbe.host();
            KernelProbes.addTo(outcomes);
            NamespaceTrials namespaces = new NamespaceTrials(host, files);
            namespaces.addTo(outcomes);
            new MountTrials(host, namespaces, diskPlace).addTo(outcomes);
        } catch (IllegalStateException | IllegalArgumentException | LinkageError e) {
            outcomes.putIfAbsent(Probe.RUN, new Outcome.Failed(message(e)));
        }
    }

    private static String message(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? failure.toString() : message;
    }
}
