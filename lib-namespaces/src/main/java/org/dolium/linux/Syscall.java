// SPDX-License-Identifier: Apache-2.0
package org.dolium.linux;

import java.util.List;

/// A system call as a value: it can be printed, put in a plan for a child to perform, or performed now.
///
/// @param sys the call
/// @param args at most six arguments; missing ones are zero
public record Syscall(Sys sys, List<Arg> args) {
    public Syscall {
        args = List.copyOf(args);
        if (args.size() > 6) {
            throw new IllegalArgumentException("a system call takes at most 6 arguments, got " + args.size());
        }
    }

    public static Syscall of(Sys sys, Arg... args) {
        return new Syscall(sys, List.of(args));
    }

    /// The call as strace prints it, without the result.
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder(sys.text()).append('(');
        for (int i = 0; i < args.size(); i++) {
            if (i > 0) {
                out.append(", ");
            }
            out.append(args.get(i));
        }
        return out.append(')').toString();
    }
}
