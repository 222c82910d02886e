// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/// What a test needs of the machine. Without it the test is skipped with the reason, but in CI (`-Ddolium.mustRun=true`)
/// it fails.
public final class MustRun {
    private static final boolean MUST_RUN = Boolean.getBoolean("dolium.mustRun");

    private MustRun() {}

    /// Goes on only if `condition` holds.
    public static void require(boolean condition, String what) {
        if (!condition && MUST_RUN) {
            throw new AssertionError("this machine lacks " + what + ", and dolium.mustRun forbids to skip");
        }
        Assumptions.assumeTrue(condition, "needs " + what);
    }

    /// Goes on only as root.
    public static void root() {
        require(ProcessStatus.self().effectiveUid() == 0, "root");
    }

    /// The path of a program of the machine, such as `strace`.
    public static String program(String name) {
        for (String directory : new String[] {"/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/"}) {
            if (Files.isExecutable(Path.of(directory + name))) {
                return directory + name;
            }
        }
        require(false, "the program " + name);
        throw new AssertionError("not reached");
    }
}
