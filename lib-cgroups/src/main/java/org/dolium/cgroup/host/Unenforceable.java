// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import org.dolium.cgroup.Limits;

/// A limit that can't be put in force on this host.
///
/// @param why what is missing
/// @param remedy what to do about it, or empty
public record Unenforceable(Limits.Wanted wanted, String why, String remedy) {
    /// The limit and what is missing.
    public String sentence() {
        return wanted.limit() + " can't be enforced: " + why;
    }

    @Override
    public String toString() {
        return sentence() + (remedy.isEmpty() ? "" : "; " + remedy);
    }
}
