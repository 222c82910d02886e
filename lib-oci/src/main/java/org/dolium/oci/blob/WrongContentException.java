// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.blob;

import java.io.IOException;

/// Content that is not what its digest and size name, or not of its type: whoever gave it is broken or lies. The same content may
/// be had elsewhere.
public final class WrongContentException extends IOException {
    private static final long serialVersionUID = 1;

    public WrongContentException(String message) {
        super(message);
    }

    public WrongContentException(String message, Throwable cause) {
        super(message, cause);
    }
}
