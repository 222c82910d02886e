// SPDX-License-Identifier: Apache-2.0
package org.dolium.confinement;

import java.util.List;
import org.dolium.mount.ProcHandle;
import org.dolium.plan.PlanBuilder;
import org.jspecify.annotations.Nullable;

/// What confines a process besides its namespaces and credentials. It holds only what this host has: what was wanted and
/// is missing was found out before.
///
/// @param ownKeyring whether the process gets a session keyring of its own
/// @param sysctls kernel parameters of the process's own namespaces
/// @param labels what security modules confine the command by
/// @param labelCalls whether the kernel has system calls for labels, besides files of /proc
/// @param landlock rules that the process puts on itself, or null for none
/// @param landlockVersion the version of Landlock that the kernel has
public record Confinement(
        boolean ownKeyring, List<Sysctl> sysctls, List<SecurityLabel> labels, boolean labelCalls, @Nullable Landlock landlock,
        int landlockVersion) {
    public Confinement {
        sysctls = List.copyOf(sysctls);
        labels = List.copyOf(labels);
    }

    /// Only a session keyring.
    public static Confinement keyring() {
        return new Confinement(true, List.of(), List.of(), true, null, 0);
    }

    /// Appends what needs a /proc, while the host's is still there: without it no other may be made in a user namespace.
    public void lowerBeforeRoot(PlanBuilder plan) {
        if (!sysctls.isEmpty() || !labels.isEmpty() && !labelCalls) {
            ProcHandle proc = ProcHandle.lower(plan);
            for (int i = 0; i < sysctls.size(); i++) {
                sysctls.get(i).lower(plan, proc);
            }
            for (int i = 0; i < labels.size() && !labelCalls; i++) {
                labels.get(i).lowerByFile(plan, proc);
            }
            proc.close();
        }
        for (int i = 0; i < labels.size() && labelCalls; i++) {
            labels.get(i).lowerByCall(plan);
        }
    }

    /// Appends the labels alone, while the process is on the host and may still be read.
    public void lowerLabels(PlanBuilder plan) {
        if (!labels.isEmpty() && !labelCalls) {
            ProcHandle proc = ProcHandle.ofHost(plan);
            for (int i = 0; i < labels.size(); i++) {
                labels.get(i).lowerByFile(plan, proc);
            }
            proc.close();
        }
        for (int i = 0; i < labels.size() && labelCalls; i++) {
            labels.get(i).lowerByCall(plan);
        }
    }

    /// Appends what must be done before ids and capabilities are given up.
    public void lowerBeforeCredentials(PlanBuilder plan) {
        if (ownKeyring) {
            Keyring.lower(plan);
        }
    }

    /// Appends the rules of Landlock: when nothing else is open than the status descriptor and those below, and nothing is
    /// mounted any more, but while the process still has its capabilities.
    ///
    /// @param again whether the process comes to others that are under these rules already
    public void lowerRules(PlanBuilder plan, boolean again) {
        if (landlock != null) {
            LandlockSteps.lower(plan, landlock, landlockVersion, again);
        }
    }
}
