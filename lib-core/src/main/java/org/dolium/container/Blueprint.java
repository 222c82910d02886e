// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.host.Host;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.launch.DirectIdMaps;
import org.dolium.launch.HelperIdMaps;
import org.dolium.launch.IdMapWriter;
import org.dolium.launch.LaunchRequest;
import org.dolium.launch.ListenerOwner;
import org.dolium.launch.Program;
import org.dolium.launch.TerminalOwner;
import org.dolium.linux.Sys;
import org.dolium.mount.Root;
import org.dolium.namespace.IdMaps;
import org.dolium.namespace.NamespaceMode;
import org.dolium.sandbox.SandboxPlanner;
import org.dolium.sandbox.SandboxSpec;
import org.jspecify.annotations.Nullable;

/// A checked sandbox and what each of its launches needs of the host.
///
/// @param diskUpper where each launch makes the upper layer of its overlay, or null if there is none on disk
/// @param idMaps how the ids of the new user namespace are mapped, or null without one
/// @param mappedBinds the trees that the JVM makes for each launch
/// @param groupPlan the cgroup that the JVM makes for each launch
record Blueprint(
        SandboxSpec spec, Host host, @Nullable Path diskUpper, @Nullable IdMapWriter idMaps,
        List<MappedBind> mappedBinds, GroupPlan groupPlan, Program program) {
    private static final int O_RDONLY = 0;

    /// @param cleanup gets what is to be deleted after the container's end
    /// @param listener who answers the calls that wait for the JVM, or null if none do
    /// @param terminal who gets the master of the terminal, or null without one
    /// @param waiting whether the command is not run before it is told to
    Prepared prepare(
            Cleanup cleanup, List<Fd> stdio, @Nullable ListenerOwner listener, @Nullable TerminalOwner terminal, boolean waiting)
            throws IOException, InterruptedException {
        UpperDirectory upper = null;
        if (diskUpper != null) {
            upper = UpperDirectory.create(diskUpper);
            cleanup.add(upper);
        }
        return prepare(upper, stdio, listener, terminal, waiting);
    }

    /// @param upper where the container's writes go, or null if not to the disk
    Prepared prepare(
            @Nullable UpperDirectory upper, List<Fd> stdio, @Nullable ListenerOwner listener, @Nullable TerminalOwner terminal,
            boolean waiting)
            throws IOException, InterruptedException {
        Program own = program;
        if (upper != null || waiting) {
            SandboxSpec all = upper == null ? spec : upper.applyTo(spec);
            own = Program.compile(waiting ? SandboxPlanner.planWaiting(all, host) : SandboxPlanner.plan(all, host));
        }
        List<Fd> passed = openPassed();
        Group group = groupPlan.open();
        try {
            passed.addAll(group.tasks());
        } catch (IOException | RuntimeException e) {
            close(passed);
            group.close();
            throw e;
        }
        return new Prepared(
                new LaunchRequest(
                        own, SandboxPlanner.cloneFlags(spec), stdio, passed, idMaps, host.lastCapability(), group.into(),
                        group.placement(false), listener, terminal),
                passed,
                own != program,
                group,
                upper);
    }

    /// The directories of a container's overlay.
    ContainerLayers layers(UpperDirectory upper, Remarks remarks) {
        Root.Overlay root = (Root.Overlay) spec.root();
        List<Path> lower = new ArrayList<>(root.lower().size());
        for (int i = 0; i < root.lower().size(); i++) {
            lower.add(Path.of(root.lower().get(i)));
        }
        IdMaps uids = null;
        IdMaps gids = null;
        if (idMaps instanceof DirectIdMaps direct) {
            uids = direct.uids();
            gids = direct.gids();
        } else if (idMaps instanceof HelperIdMaps helper) {
            uids = helper.uids();
            gids = helper.gids();
        }
        return new ContainerLayers(
                upper.path().resolve(UpperDirectory.UPPER), lower, root.inUserNamespace(), uids, gids, remarks.labels());
    }

    /// The namespaces to join first, then the trees: the plan counts on this order.
    private List<Fd> openPassed() throws IOException, InterruptedException {
        List<Fd> passed = new ArrayList<>();
        try {
            List<NamespaceMode> joined = spec.namespaces().joined();
            for (int i = 0; i < joined.size(); i++) {
                passed.add(open(joined.get(i)));
            }
            MappedBind.openAll(mappedBinds, host, passed);
            return passed;
        } catch (IOException | InterruptedException | RuntimeException e) {
            close(passed);
            throw e;
        }
    }

    private static void close(List<Fd> fds) {
        for (int i = 0; i < fds.size(); i++) {
            fds.get(i).close();
        }
    }

    private static Fd open(NamespaceMode mode) throws IOException {
        if (mode instanceof NamespaceMode.JoinProcess process) {
            return pidfd(process.process());
        }
        if (mode instanceof NamespaceMode.Join join) {
            return Fd.open(join.path().toString(), O_RDONLY, 0);
        }
        throw new IllegalStateException(mode + " is not joined");
    }

    private static Fd pidfd(ProcessHandle process) throws IOException {
        long result = Kernel.call(Sys.PIDFD_OPEN, process.pid(), 0, 0);
        Fd pidfd = new Fd((int) Kernel.check(result, "pidfd_open(" + process.pid() + ", 0)"));
        if (process.isAlive()) { // asked after the pid was used: it was still this process's
            return pidfd;
        }
        pidfd.close();
        throw new IOException("the process with pid " + process.pid() + ", whose namespace is to be joined, has ended");
    }

    String explain() {
        return groupPlan.explain() + SandboxPlanner.describeClone(spec, groupPlan.bornInside()) + program.plan();
    }
}
