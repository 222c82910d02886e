// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

/// One thing that a host can do or can't.
///
/// @param name what it is
/// @param state whether it is there
/// @param detail what was seen: a version, or the call that failed
/// @param lost what is lost without it; empty if it is there
/// @param remedy what to do about it, of several lines where there is a file to write; empty if it is there or nothing is
///     known
public record Finding(String name, State state, String detail, String lost, String remedy) {
    /// Whether something is there.
    public enum State {
        OK,
        /// It works in part, or in another way.
        REDUCED,
        MISSING;

        @Override
        public String toString() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    static Finding ok(String name, String detail) {
        return new Finding(name, State.OK, detail, "", "");
    }

    static Finding reduced(String name, String detail, String lost, String remedy) {
        return new Finding(name, State.REDUCED, detail, lost, remedy);
    }

    static Finding missing(String name, String detail, String lost, String remedy) {
        return new Finding(name, State.MISSING, detail, lost, remedy);
    }
}
