// SPDX-License-Identifier: Apache-2.0
package org.dolium.sandbox;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.dolium.capability.CapabilitySets;
import org.dolium.confinement.Confinement;
import org.dolium.linux.Propagation;
import org.dolium.mount.Dev;
import org.dolium.mount.Masks;
import org.dolium.mount.Mount;
import org.dolium.mount.Root;
import org.dolium.namespace.IdMaps;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.NamespaceMode;
import org.dolium.namespace.Namespaces;
import org.dolium.namespace.TimeOffsets;
import org.dolium.process.Command;
import org.dolium.process.Credentials;
import org.dolium.process.Environment;
import org.dolium.process.Rlimit;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.seccomp.SupervisedCalls;
import org.jspecify.annotations.Nullable;

/// A usual sandbox, to change for a test before it is made.
final class SpecDraft {
    final Map<NamespaceKind, NamespaceMode> namespaces = new EnumMap<>(NamespaceKind.class);
    final List<Rlimit> rlimits = new ArrayList<>();
    final List<Mount> mounts = new ArrayList<>();
    @Nullable IdMaps uidMaps;
    @Nullable IdMaps gidMaps;
    @Nullable TimeOffsets timeOffsets;
    @Nullable Root root = new Root.Directory("/srv/root", true);
    Propagation rootPropagation = Propagation.PRIVATE;
    @Nullable String hostname = "box";
    @Nullable String domainname;
    @Nullable Integer oomScoreAdj;
    @Nullable CgroupEntry cgroup;
    SeccompProfile seccomp = SeccompProfile.standard();
    @Nullable SupervisedCalls supervised;
    Confinement confinement = Confinement.keyring();
    boolean loopback = true;
    boolean noNewPrivileges = true;
    boolean init;
    Credentials credentials = new Credentials(0, 0, List.of());
    CapabilitySets capabilities = CapabilitySets.standard();
    String workingDirectory = "/";
    Command command = new Command(List.of("id", "-u"));
    Environment environment = Environment.of(Map.of("PATH", "/usr/bin:/bin"));
    Masks masks = new Masks(List.of("/proc/keys"), List.of("/proc/acpi"), List.of("/proc/sys"));

    SpecDraft() {
        for (NamespaceKind kind : NamespaceKind.values()) {
            boolean usual = kind != NamespaceKind.USER && kind != NamespaceKind.TIME;
            namespaces.put(kind, usual ? NamespaceMode.fresh() : NamespaceMode.host());
        }
        mounts.add(new Mount.Proc());
        mounts.add(new Dev(true, 5, false));
    }

    /// The sandbox of a plain user: one id, no device nodes.
    static SpecDraft single(long id) {
        SpecDraft draft = new SpecDraft().mapped(IdMaps.single(0, id));
        draft.mounts.set(1, new Dev(false, -1, false));
        return draft;
    }

    SpecDraft mapped(IdMaps maps) {
        uidMaps = maps;
        gidMaps = maps;
        namespaces.put(NamespaceKind.USER, NamespaceMode.fresh());
        return this;
    }

    SpecDraft user(long id) {
        credentials = new Credentials(id, id, List.of());
        capabilities = capabilities.forUser(id);
        return this;
    }

    SandboxSpec spec() {
        return new SandboxSpec(
                Namespaces.of(namespaces), uidMaps, gidMaps, timeOffsets, root, rootPropagation, mounts, masks, hostname, domainname,
                loopback, rlimits, oomScoreAdj, 022, credentials, capabilities, noNewPrivileges, workingDirectory,
                command, environment, cgroup, seccomp, supervised, confinement, init);
    }
}
