// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.io.IOException;

/// A layer that is refused for what it is: malformed, ambiguous, over a limit, or leading outside. The same layer from elsewhere is
/// refused as well.
public final class LayerException extends IOException {
    private static final long serialVersionUID = 1;

    public LayerException(String message) {
        super(message);
    }

    public LayerException(String message, Throwable cause) {
        super(message, cause);
    }
}
