// SPDX-License-Identifier: Apache-2.0
package org.dolium.security;

/// Something in which a process is less confined than a container is by default.
///
/// @param what what is so, as `shares the host's network namespace`
/// @param meaning what the process can do because of it
public record Weakness(String what, String meaning) {
    @Override
    public String toString() {
        return what + ": " + meaning;
    }
}
