// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup;

/// What happens if a limit can't be put in force on this host.
public enum Requirement {
    /// The start fails, and says what is missing and what to do.
    REQUIRED,
    /// The container starts without the limit and lists it as not in force.
    PREFERRED
}
