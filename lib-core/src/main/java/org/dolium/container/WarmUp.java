// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.dolium.capability.CapabilitySets;
import org.dolium.cgroup.host.Cgroups;
import org.dolium.confinement.Confinement;
import org.dolium.host.Host;
import org.dolium.kernel.HostProbe;
import org.dolium.launch.LaunchRequest;
import org.dolium.launch.Launcher;
import org.dolium.launch.Program;
import org.dolium.linux.Arch;
import org.dolium.linux.MountFlags;
import org.dolium.linux.Propagation;
import org.dolium.mount.Dev;
import org.dolium.mount.Masks;
import org.dolium.mount.Mount;
import org.dolium.mount.Root;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.namespace.Namespaces;
import org.dolium.process.Command;
import org.dolium.process.Credentials;
import org.dolium.process.Environment;
import org.dolium.sandbox.CgroupEntry;
import org.dolium.sandbox.SandboxPlanner;
import org.dolium.sandbox.SandboxSpec;
import org.dolium.seccomp.SeccompProfile;
import org.jspecify.annotations.Nullable;

/// Makes the most of a second processor at the first container of a JVM: a thread of its own links native code and
/// probes the host, while the caller's thread loads what plans and compiles, by doing so once with nothing asked of the
/// host. Each takes some ten milliseconds, and neither needs the other.
final class WarmUp implements Runnable {
    private static final int LAST_CAPABILITY = 40;
    private static final int TTY_GROUP = 5;
    private static final long SIZE = 1 << 20;

    private static final class Holder {
        static final WarmUp SHARED = begun();

        private static WarmUp begun() {
            WarmUp warmUp = new WarmUp();
            Thread thread = new Thread(null, warmUp, "dolium-warm-up", 0, false);
            thread.setDaemon(true);
            thread.start();
            return warmUp;
        }
    }

    private final CountDownLatch done = new CountDownLatch(1);
    private final AtomicBoolean rehearsed = new AtomicBoolean();
    private volatile @Nullable Throwable failure;

    private WarmUp() {}

    /// Begins at the first call.
    static WarmUp shared() {
        return Holder.SHARED;
    }

    @Override
    public void run() {
        try {
            HostProbe.host();
        } catch (RuntimeException | Error e) {
            failure = e instanceof ExceptionInInitializerError && e.getCause() != null ? e.getCause() : e;
        } finally {
            done.countDown();
        }
    }

    /// This machine, as soon as it has been probed.
    Host host() {
        if (done.getCount() > 0 && rehearsed.compareAndSet(false, true)) {
            rehearse();
        }
        await();
        Throwable why = failure;
        if (why != null) {
            throw new IllegalStateException("Dolium can't work in this JVM: " + why.getMessage(), why);
        }
        return HostProbe.host();
    }

    private void await() {
        boolean interrupted = false;
        while (true) {
            try {
                done.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void rehearse() {
        Arch arch = Arch.parse(System.getProperty("os.arch"));
        Host host = new Host(
                arch, 6, 1, LAST_CAPABILITY, 0, 0, -1, true, false, true, 0, true, List.of());
        Program.compile(SandboxPlanner.plan(sandbox(), host), arch);
        loaded();
    }

    /// Naming a class loads it; it is initialized only when it is used.
    private static Class<?>[] loaded() {
        Launcher.preload();
        Cgroups.preload();
        return new Class<?>[] {
            ContainerSpec.class, Blueprint.class, Prepared.class, Cleanup.class, Stdio.class, UserNamespace.Host.class,
            UserNamespace.Single.class, Rootfs.Overlay.class, MountOrder.class, LaunchRequest.class, Container.class,
            ContainerProcess.class, ContainerHandle.class, Collector.class, Captured.class, Result.class,
            GroupPlan.class, Group.class, Ending.class, CgroupEntry.class, ExitStatus.Exited.class, ExitStatus.Signalled.class, Signal.class
        };
    }

    private static SandboxSpec sandbox() {
        Map<NamespaceKind, NamespaceMode> modes = new LinkedHashMap<>();
        modes.put(NamespaceKind.MOUNT, NamespaceMode.fresh());
        List<Mount> mounts = List.of(
                new Mount.Proc(), new Mount.Sysfs(), new Dev(true, TTY_GROUP, true),
                new Mount.Tmpfs("/tmp", SIZE, SIZE, 01777, MountFlags.NOSUID));
        return new SandboxSpec(
                Namespaces.of(modes), null, null, null, new Root.Directory("/", true), Propagation.PRIVATE, mounts,
                Masks.standard(List.of()), "name", null, true, List.of(), null, 022,
                new Credentials(0, 0, List.of()), CapabilitySets.standard().forUser(0), true, "/",
                new Command(List.of("true")), Environment.of(Map.of()), null, SeccompProfile.standard(), null,
                Confinement.keyring(), false);
    }
}
