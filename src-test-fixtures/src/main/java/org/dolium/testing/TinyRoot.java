// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/// Makes a small root file system out of the machine's static busybox.
public final class TinyRoot {
    private static final String[] APPLETS = {
        "sh", "true", "false", "cat", "echo", "ls", "sleep", "id", "hostname", "env", "mount", "umount", "touch",
        "mkdir", "rm", "head", "wc", "dd", "grep", "kill", "ps", "stat", "chroot", "mknod", "readlink", "sed", "cut",
        "sort", "printf", "test", "ln", "yes", "tr", "od", "date", "pwd", "nproc", "chmod", "df", "seq", "find", "cp"
    };

    private TinyRoot() {}

    /// Makes one in an existing directory, readable by every user. Making it twice does nothing.
    public static Path make(Path directory) throws IOException {
        if (Files.exists(directory.resolve("etc/group"))) {
            return directory;
        }
        Path busybox = Path.of(MustRun.program("busybox"));
        for (String name : new String[] {"bin", "etc", "proc", "sys", "dev", "tmp", "run", "root", "mnt", "home"}) {
            Files.createDirectories(directory.resolve(name));
        }
        Files.copy(busybox, directory.resolve("bin/busybox"), StandardCopyOption.REPLACE_EXISTING);
        for (String applet : APPLETS) {
            Files.createSymbolicLink(directory.resolve("bin/" + applet), Path.of("busybox"));
        }
        Files.writeString(
                directory.resolve("etc/passwd"),
                "root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n");
        Files.writeString(
                directory.resolve("etc/group"), "root:x:0:\nalice:x:1000:\naudio:x:29:alice\nstaff:x:50:root,alice\n");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(directory.resolve("tmp"), PosixFilePermissions.fromString("rwxrwxrwx"));
        return directory;
    }
}
