// SPDX-License-Identifier: Apache-2.0
package org.dolium.sandbox;

import org.dolium.linux.Arg;
import org.dolium.mount.Terminal;
import org.jspecify.annotations.Nullable;

/// How a further command gets into a sandbox that runs, besides what the sandbox says.
///
/// @param born whether a directory of cgroup v2 is passed for it to be born in
/// @param terminal the terminal that it gets in the sandbox's /dev/pts, or null for none
/// @param filter the sandbox's filter of system calls as it was compiled, in place of its profile; or null to compile that
/// @param lasting whether it goes on when the JVM ends that launched it; nothing but the sandbox's end ends it then
public record Entrance(boolean born, @Nullable Terminal terminal, Arg.@Nullable Filter filter, boolean lasting) {
    /// Without anything special.
    public static Entrance plain(boolean born) {
        return new Entrance(born, null, null, false);
    }
}
