// SPDX-License-Identifier: Apache-2.0
package org.dolium.confinement;

import org.dolium.plan.PlanBuilder;

/// What confines a process besides its namespaces and credentials. It holds only what this host has: what was wanted and
/// is missing was found out before.
///
/// @param ownKeyring whether the process gets a session keyring of its own
public record Confinement(boolean ownKeyring) {
    /// Nothing of all this.
    public static Confinement none() {
        return new Confinement(false);
    }

    /// Appends what must be done before ids and capabilities are given up.
    public void lowerBeforeCredentials(PlanBuilder plan) {
        if (ownKeyring) {
            Keyring.lower(plan);
        }
    }
}
