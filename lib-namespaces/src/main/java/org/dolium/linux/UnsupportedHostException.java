// SPDX-License-Identifier: Apache-2.0
package org.dolium.linux;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// This machine can't do what was asked for: what is missing, and what to do about it.
public final class UnsupportedHostException extends IOException {
    private static final long serialVersionUID = 1;

    private final String remedy;

    /// @param missing what is missing, as a sentence without a full stop
    /// @param remedy what to do, or an empty text
    public UnsupportedHostException(String missing, String remedy, @Nullable Throwable cause) {
        super(missing + (remedy.isEmpty() ? "" : "\n  hint: " + remedy), cause);
        this.remedy = remedy;
    }

    /// What to do, or an empty text where nothing is known.
    public String remedy() {
        return remedy;
    }
}
