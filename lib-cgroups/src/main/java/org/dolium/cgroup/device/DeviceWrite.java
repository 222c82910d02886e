// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.device;

/// A text to write to a file of a group's directory, by one write(2).
///
/// @param file `devices.deny` or `devices.allow`
/// @param text what to write
public record DeviceWrite(String file, String text) {
    /// As a shell would do it.
    @Override
    public String toString() {
        return "echo " + text + " > " + file;
    }
}
