// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.time.Duration;

/// How a container ended.
public sealed interface ExitStatus {

    /// The command ended by itself with an exit code from 0 to 255.
    record Exited(int code) implements ExitStatus {
        @Override
        public int shellCode() {
            return code;
        }

        @Override
        public String toString() {
            return "exited with code " + code;
        }
    }

    /// A signal ended the command; see signal(7).
    record Signalled(Signal signal, boolean coreDumped) implements ExitStatus {
        @Override
        public int shellCode() {
            return 128 + signal.number();
        }

        @Override
        public String toString() {
            return "killed by " + signal + (coreDumped ? " (core dumped)" : "");
        }
    }

    /// The kernel killed the command because a memory limit was reached.
    record OutOfMemory() implements ExitStatus {
        @Override
        public int shellCode() {
            return 137;
        }

        @Override
        public String toString() {
            return "killed: out of memory";
        }
    }

    /// The command was killed because it did not end within the given time.
    record TimedOut(Duration limit) implements ExitStatus {
        @Override
        public int shellCode() {
            return 124;
        }

        @Override
        public String toString() {
            return "killed after " + limit;
        }
    }

    /// The number that a shell and `docker run` report: the exit code, or 128 + the signal's number; 124 for a time-out
    /// as timeout(1) does.
    int shellCode();

    /// Whether the command exited with code 0.
    default boolean success() {
        return this instanceof Exited exited && exited.code() == 0;
    }
}
