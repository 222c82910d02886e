// SPDX-License-Identifier: Apache-2.0
package org.dolium.confinement;

import java.util.List;
import org.dolium.mount.ProcHandle;
import org.dolium.plan.PlanBuilder;

/// What confines a process besides its namespaces and credentials. It holds only what this host has: what was wanted and
/// is missing was found out before.
///
/// @param ownKeyring whether the process gets a session keyring of its own
/// @param sysctls kernel parameters of the process's own namespaces
public record Confinement(boolean ownKeyring, List<Sysctl> sysctls) {
    public Confinement {
        sysctls = List.copyOf(sysctls);
    }

    /// Nothing of all this.
    public static Confinement none() {
        return new Confinement(false, List.of());
    }

    /// Appends what needs a /proc, while the host's is still there: without it no other may be made in a user namespace.
    public void lowerBeforeRoot(PlanBuilder plan) {
        if (sysctls.isEmpty()) {
            return;
        }
        ProcHandle proc = ProcHandle.lower(plan);
        for (int i = 0; i < sysctls.size(); i++) {
            sysctls.get(i).lower(plan, proc);
        }
        proc.close();
    }

    /// Appends what must be done before ids and capabilities are given up.
    public void lowerBeforeCredentials(PlanBuilder plan) {
        if (ownKeyring) {
            Keyring.lower(plan);
        }
    }
}
