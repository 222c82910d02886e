// SPDX-License-Identifier: Apache-2.0
package org.dolium.sandbox;

import java.util.List;
import org.dolium.capability.CapabilitySets;
import org.dolium.confinement.Confinement;
import org.dolium.linux.Propagation;
import org.dolium.mount.Masks;
import org.dolium.mount.Mount;
import org.dolium.mount.Root;
import org.dolium.namespace.IdMaps;
import org.dolium.namespace.Namespaces;
import org.dolium.namespace.TimeOffsets;
import org.dolium.process.Command;
import org.dolium.process.Credentials;
import org.dolium.process.Environment;
import org.dolium.process.Rlimit;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.seccomp.SupervisedCalls;
import org.jspecify.annotations.Nullable;

/// One process to set up, complete and checked: the input of planning.
///
/// @param uidMaps the user namespace's uids, or null without a new user namespace
/// @param gidMaps the user namespace's gids, or null without a new user namespace
/// @param root the root file system, or null to stay in the mount namespace as it is
/// @param rootPropagation how mounts at the root spread; never to the host
/// @param loopback whether `lo` is brought up in the new network namespace
/// @param cgroup how the process gets into its cgroups, or null if it is born there
/// @param oomScoreAdj the value for `/proc/self/oom_score_adj`, or null to inherit it
/// @param seccomp the system calls that it may make
/// @param supervised the same with calls that wait for the JVM, or null if none do
/// @param confinement what confines it besides
/// @param init whether the command is the child of an init, and not the first process of its pid namespace
public record SandboxSpec(
        Namespaces namespaces,
        @Nullable IdMaps uidMaps,
        @Nullable IdMaps gidMaps,
        @Nullable TimeOffsets timeOffsets,
        @Nullable Root root,
        Propagation rootPropagation,
        List<Mount> mounts,
        Masks masks,
        @Nullable String hostname,
        @Nullable String domainname,
        boolean loopback,
        List<Rlimit> rlimits,
        @Nullable Integer oomScoreAdj,
        int umask,
        Credentials credentials,
        CapabilitySets capabilities,
        boolean noNewPrivileges,
        String workingDirectory,
        Command command,
        Environment environment,
        @Nullable CgroupEntry cgroup,
        SeccompProfile seccomp,
        @Nullable SupervisedCalls supervised,
        Confinement confinement,
        boolean init) {
    public SandboxSpec {
        mounts = List.copyOf(mounts);
        rlimits = List.copyOf(rlimits);
    }

    /// The same with another command: one that is executed in it while it runs, whose init it does not become.
    public SandboxSpec with(
            Command other, Environment variables, Credentials ids, CapabilitySets sets, String directory,
            @Nullable CgroupEntry entry) {
        return new SandboxSpec(
                namespaces, uidMaps, gidMaps, timeOffsets, root, rootPropagation, mounts, masks, hostname, domainname, loopback,
                rlimits, oomScoreAdj, umask, ids, sets, noNewPrivileges, directory, other, variables, entry, seccomp, supervised,
                confinement, false);
    }

    /// The same for a further command of another process than the one that made the sandbox, with what that one inherited.
    public SandboxSpec inherited(
            List<Rlimit> limits, @Nullable Integer oom, CapabilitySets sets, boolean never, Confinement other) {
        return new SandboxSpec(
                namespaces, uidMaps, gidMaps, timeOffsets, root, rootPropagation, mounts, masks, hostname, domainname, loopback,
                limits, oom, umask, credentials, sets, never, workingDirectory, command, environment, cgroup, seccomp,
                supervised, other, init);
    }

    /// The same with another root.
    public SandboxSpec withRoot(Root other) {
        return new SandboxSpec(
                namespaces, uidMaps, gidMaps, timeOffsets, other, rootPropagation, mounts, masks, hostname, domainname, loopback,
                rlimits, oomScoreAdj, umask, credentials, capabilities, noNewPrivileges, workingDirectory, command,
                environment, cgroup, seccomp, supervised, confinement, init);
    }
}
