// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;

/// A system call failed on an entry of a layer, as with a full disk.
public final class UnpackException extends ErrnoException {
    private static final long serialVersionUID = 1;

    UnpackException(String message, ErrnoException cause) {
        super(message, cause.call(), new Errno(cause.errno().value()));
        initCause(cause);
    }
}
