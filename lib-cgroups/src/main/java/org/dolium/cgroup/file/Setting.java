// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.file;

import org.dolium.cgroup.Controller;
import org.dolium.cgroup.Limit;

/// A value to write to a file of a cgroup.
///
/// @param limit what it is written for
/// @param controller whose hierarchy the file is in, for cgroup v1
/// @param file its name
/// @param ifThere whether some kernels have no such file, and another one does for the limit
public record Setting(Limit limit, Controller controller, String file, String value, boolean ifThere) {
    public Setting(Limit limit, String file, String value) {
        this(limit, limit.controller(), file, value, false);
    }

    /// One that is left out where there is no such file, if another one is written for the same limit.
    public static Setting ifThere(Limit limit, String file, String value) {
        return new Setting(limit, limit.controller(), file, value, true);
    }

    @Override
    public String toString() {
        return file + " = " + value;
    }
}
