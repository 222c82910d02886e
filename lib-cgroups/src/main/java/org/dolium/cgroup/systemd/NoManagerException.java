// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.systemd;

import java.io.IOException;

/// No systemd manager answers this user.
public final class NoManagerException extends IOException {
    private static final long serialVersionUID = 1;

    NoManagerException(String message) {
        super(message);
    }
}
