// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.dolium.testing.Canary;
import org.dolium.testing.TinyRoot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// What the classes of security rows have in common: a root file system, a canary outside of it, and the modes.
class SecurityRows {
    static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    Path directory;

    Path root;
    Canary canary;

    @BeforeEach
    void make() throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        root = TinyRoot.make(Files.createDirectory(directory.resolve("root")));
        canary = Canary.make(Files.createDirectory(directory.resolve("canary")));
    }

    @AfterEach
    void canary_is_untouched() throws Exception {
        canary.check();
    }

    static List<Mode> modes() {
        return Mode.here();
    }

    ContainerBuilder tiny(Mode mode, String script) {
        return mode.apply(ContainerBuilder.create().rootfs(Rootfs.directory(root)).command("sh", "-c", script));
    }

    static String output(ContainerBuilder builder) throws Exception {
        return output(builder.build());
    }

    static String output(ContainerSpec spec) throws Exception {
        Result result = spec.run(LIMIT);
        return result.stdout() + result.stderr();
    }
}
