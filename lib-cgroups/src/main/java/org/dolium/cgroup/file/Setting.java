// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.file;

import org.dolium.cgroup.Controller;
import org.dolium.cgroup.Limit;

/// A value to write to a file of a cgroup.
///
/// @param limit what it is written for
/// @param controller whose hierarchy the file is in, for cgroup v1
/// @param file its name
public record Setting(Limit limit, Controller controller, String file, String value) {
    public Setting(Limit limit, String file, String value) {
        this(limit, limit.controller(), file, value);
    }

    @Override
    public String toString() {
        return file + " = " + value;
    }
}
