// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Root file systems of a Debian with an init and services. `src-test-fixtures/os/build` says what is in them; they are made at first
/// use, in a minute, and kept in `/var/cache/dolium-test-roots`.
public final class OsRoots {
    private static final Path IN_TEST_VM = Path.of("/os");
    private static final List<String> PROGRAMS = List.of("debootstrap", "mkfs.erofs", "unshare", "flock");
    private static @Nullable Path made;

    private OsRoots() {}

    /// With systemd as /sbin/init, and dbus. Nothing in it may be changed.
    public static Path systemd() throws IOException, InterruptedException {
        return Files.isDirectory(IN_TEST_VM) ? IN_TEST_VM : directory().resolve("systemd");
    }

    /// With sysvinit. Nothing in it may be changed.
    public static Path sysvinit() throws IOException, InterruptedException {
        return directory().resolve("sysvinit");
    }

    static synchronized Path directory() throws IOException, InterruptedException {
        Path known = made;
        if (known != null) {
            return known;
        }
        MustRun.root();
        for (String program : PROGRAMS) {
            MustRun.program(program);
        }
        Path script = Path.of(System.getProperty("project.root"), "src-test-fixtures", "os", "roots");
        Path errors = Files.createTempFile("os-roots-", "");
        try {
            Process process = new ProcessBuilder(script.toString()).redirectError(errors.toFile()).start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            int status = process.waitFor();
            MustRun.require(status == 0, "root file systems: " + Files.readString(errors));
            known = Path.of(output);
            made = known;
            return known;
        } finally {
            Files.delete(errors);
        }
    }
}
