// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import org.dolium.linux.Errno;

/// What came of trying something.
sealed interface Outcome {
    /// It works.
    ///
    /// @param note what else was learnt, may be empty
    record Works(String note) implements Outcome {}

    /// The kernel refused a call.
    ///
    /// @param call the failed step as strace prints it
    record Refused(String call, Errno errno) implements Outcome {}

    /// Dolium knows what this host lacks.
    ///
    /// @param remedy what to do, may be empty
    record Unsupported(String missing, String remedy) implements Outcome {}

    /// It failed in another way, or could not be tried.
    record Failed(String message) implements Outcome {}

    Outcome WORKS = new Works("");
}
