// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.nio.file.Path;
import org.dolium.linux.MountFlags;
import org.dolium.linux.Propagation;
import org.dolium.linux.Quoting;
import org.dolium.mount.BindOptions;
import org.dolium.namespace.IdMaps;
import org.jspecify.annotations.Nullable;

/// A file or directory of the host that appears in a container; see mount(8), bind mounts.
///
/// Symbolic links in `source` are followed on the host, those in `target` inside the root file system. A read-only bind
/// is read-only with everything mounted below it. Set-user-id programs and devices never work on a bind unless asked
/// for.
///
/// ```java
/// builder.mount(Bind.of(Path.of("/data"), "/data").readOnly().noExec());
/// ```
public final class Bind {
    private final @Nullable Path base;
    private final Path source;
    private final String target;
    private final BindOptions options;
    private final boolean idMapped;
    private final @Nullable IdMaps uids;
    private final @Nullable IdMaps gids;

    private Bind(
            @Nullable Path base, Path source, String target, BindOptions options, boolean idMapped, @Nullable IdMaps uids,
            @Nullable IdMaps gids) {
        this.base = base;
        this.source = source.toAbsolutePath();
        this.target = target;
        this.options = options;
        this.idMapped = idMapped;
        this.uids = uids;
        this.gids = gids;
    }

    /// A recursive, writable bind mount.
    ///
    /// @param source a path of the host; a relative one is the JVM's
    /// @param target an absolute path in the container; missing directories are made where the root is writable
    public static Bind of(Path source, String target) {
        return new Bind(null, source, target, BindOptions.standard(), false, null, null);
    }

    /// The same for a source below a directory where somebody may change names who is not trusted, as another user of the host
    /// or another container. `path` is resolved once, at the start, in that directory, and the start fails if there is a
    /// symbolic link in it; with [#of] such a link leads wherever it leads. It can't be [#idMapped].
    ///
    /// @param directory a path of the host that nobody else can change
    /// @param path a relative path, without `..`
    public static Bind below(Path directory, String path, String target) {
        Path relative = Path.of(path);
        if (relative.isAbsolute() || path.isEmpty() || !relative.normalize().toString().equals(path)
                || path.equals("..") || path.startsWith("../")) {
            throw new IllegalArgumentException("bind source '" + Quoting.printable(path) + "' is no plain path below "
                    + directory);
        }
        Path base = directory.toAbsolutePath();
        return new Bind(base, base.resolve(relative), target, BindOptions.standard(), false, null, null);
    }

    private Bind with(BindOptions other) {
        return new Bind(base, source, target, other, idMapped, uids, gids);
    }

    private Bind plus(int attribute) {
        return with(new BindOptions(options.recursive(), options.attributes() | attribute, options.propagation()));
    }

    private Bind minus(int attribute) {
        return with(new BindOptions(options.recursive(), options.attributes() & ~attribute, options.propagation()));
    }

    /// Nothing below can be written, not even in what is mounted below `source`.
    public Bind readOnly() {
        return plus(MountFlags.RDONLY);
    }

    /// Leaves out what is mounted below `source`. Refused by the kernel in a user namespace when something is.
    public Bind nonRecursive() {
        return with(new BindOptions(false, options.attributes(), options.propagation()));
    }

    /// No program below can be executed.
    public Bind noExec() {
        return plus(MountFlags.NOEXEC);
    }

    /// Reading does not change access times.
    public Bind noAtime() {
        return plus(MountFlags.NOATIME);
    }

    /// Set-user-id and set-group-id programs and file capabilities work.
    public Bind allowSetUserId() {
        return minus(MountFlags.NOSUID);
    }

    /// Device nodes work.
    public Bind allowDevices() {
        return minus(MountFlags.NODEV);
    }

    /// How later mounts spread; see mount_namespaces(7). With [Propagation#SLAVE], what the host mounts below a shared
    /// `source` later appears in the container; with [Propagation#SHARED], what the container mounts appears in mount
    /// namespaces that are made inside it. Nothing ever spreads to the host. Private if not called.
    public Bind propagation(Propagation propagation) {
        return with(new BindOptions(options.recursive(), options.attributes(), propagation));
    }

    /// Files belong to the same numbers inside as on the host, although the container has a user namespace: its maps
    /// are applied to the owners too. Only for a privileged JVM; since Linux 5.12, on file systems that allow it.
    public Bind idMapped() {
        return new Bind(base, source, target, options, true, null, null);
    }

    /// Owners are mapped: a file of the host's id `inside` has the id `outside` here; see mount_setattr(2),
    /// `MOUNT_ATTR_IDMAP`. Only for a privileged JVM.
    public Bind idMapped(IdMaps uids, IdMaps gids) {
        return new Bind(base, source, target, options, true, uids, gids);
    }

    /// The directory that the source must be below, or null.
    @Nullable Path base() {
        return base;
    }

    Path source() {
        return source;
    }

    String target() {
        return target;
    }

    BindOptions options() {
        return options;
    }

    boolean isIdMapped() {
        return idMapped;
    }

    /// The maps of its own, or null for those of the container.
    @Nullable IdMaps uids() {
        return uids;
    }

    @Nullable IdMaps gids() {
        return gids;
    }

    @Override
    public String toString() {
        return source + ":" + target;
    }
}
