// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.io.IOException;

/// A registry answered with an error.
public final class RegistryException extends IOException {
    private static final long serialVersionUID = 1;

    private final int status;

    RegistryException(int status, String message) {
        super(message);
        this.status = status;
    }

    /// The status of HTTP, such as 404.
    public int status() {
        return status;
    }
}
