// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.nio.file.Path;

/// A file or directory of the host that appears in a container; see mount(8), bind mounts.
///
/// Symbolic links in `source` are followed on the host, those in `target` inside the root file system. A read-only bind
/// is read-only with everything mounted below it. Set-user-id programs and devices never work on a bind unless asked
/// for.
///
/// ```java
/// builder.mount(Bind.of(Path.of("/data"), "/data").readOnly().noExec());
/// ```
///
/// @param source an absolute path of the host
/// @param target an absolute path in the container; missing directories are made where the root is writable
public record Bind(
        Path source, String target, boolean isReadOnly, boolean recursive, boolean isNoExec, boolean isNoAtime,
        boolean setUserId, boolean devices) {
    public Bind {
        source = source.toAbsolutePath();
    }

    public static Bind of(Path source, String target) {
        return new Bind(source, target, false, true, false, false, false, false);
    }

    public Bind readOnly() {
        return new Bind(source, target, true, recursive, isNoExec, isNoAtime, setUserId, devices);
    }

    /// Leaves out what is mounted below `source`. Refused by the kernel in a user namespace when something is.
    public Bind nonRecursive() {
        return new Bind(source, target, isReadOnly, false, isNoExec, isNoAtime, setUserId, devices);
    }

    public Bind noExec() {
        return new Bind(source, target, isReadOnly, recursive, true, isNoAtime, setUserId, devices);
    }

    public Bind noAtime() {
        return new Bind(source, target, isReadOnly, recursive, isNoExec, true, setUserId, devices);
    }

    public Bind allowSetUserId() {
        return new Bind(source, target, isReadOnly, recursive, isNoExec, isNoAtime, true, devices);
    }

    public Bind allowDevices() {
        return new Bind(source, target, isReadOnly, recursive, isNoExec, isNoAtime, setUserId, true);
    }
}
