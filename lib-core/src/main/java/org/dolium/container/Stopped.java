// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

/// How a container ended that was asked to.
///
/// @param status how its command ended
/// @param forced whether it had to be killed: it did not end in the time that it had
public record Stopped(ExitStatus status, boolean forced) {
    @Override
    public String toString() {
        return forced ? status + ", by force" : status.toString();
    }
}
