// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pack;

import java.io.IOException;

/// A tree that can't be written as a layer: it has something that layers can't have, or changed while it was read.
public final class PackException extends IOException {
    private static final long serialVersionUID = 1;

    public PackException(String message) {
        super(message);
    }

    public PackException(String message, Throwable cause) {
        super(message, cause);
    }
}
