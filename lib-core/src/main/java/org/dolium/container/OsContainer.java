// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.dolium.cgroup.host.Delegation;
import org.dolium.linux.MountFlags;
import org.dolium.mount.Mount;
import org.dolium.namespace.IdMaps;
import org.dolium.namespace.NamespaceKind;
import org.dolium.namespace.Namespaces;
import org.dolium.process.CommandSearch;
import org.dolium.process.Credentials;
import org.dolium.rootfs.LayeredFile;
import org.dolium.rootfs.RootFile;
import org.jspecify.annotations.Nullable;

/// What a container gets whose command is the init of a whole system: what systemd's "Container Interface" asks of who runs it, and
/// others don't mind.
final class OsContainer {
    static final List<String> COMMAND = List.of("/sbin/init");

    private static final long RUN_BYTES = 64L << 20;
    private static final long LOCK_BYTES = 5L << 20;
    private static final long TMP_BYTES = 1L << 30;

    private OsContainer() {}

    /// Which one it is, by what is in its program. Names tell less: each of them is /sbin/init.
    static InitSystem detect(ContainerBuilder wanted, List<String> problems) throws IOException {
        if (wanted.rootfs instanceof Rootfs.Host) {
            problems.add("an OS container needs a root file system of its own, not the host's");
        }
        InitSystem given = wanted.initSystem;
        if (given != null || !problems.isEmpty()) {
            return given == null ? InitSystem.OTHER : given;
        }
        Optional<byte[]> program = program(wanted.rootfs, wanted.words().get(0));
        if (program.isEmpty()) {
            problems.add("the root file system has no " + wanted.words().get(0) + " to boot: name its init with command()");
            return InitSystem.OTHER;
        }
        String text = new String(program.get(), StandardCharsets.ISO_8859_1);
        if (text.contains("libsystemd-core") || text.contains("libsystemd-shared")) {
            return InitSystem.SYSTEMD;
        }
        return text.contains("/etc/inittab") || text.contains("openrc") ? InitSystem.SYSVINIT : InitSystem.OTHER;
    }

    private static Optional<byte[]> program(Rootfs rootfs, String word) throws IOException {
        if (word.indexOf('/') >= 0) {
            return file(rootfs, word);
        }
        for (String directory : CommandSearch.DEFAULT_PATH.split(":")) {
            Optional<byte[]> found = file(rootfs, directory + "/" + word);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<byte[]> file(Rootfs rootfs, String path) throws IOException {
        return rootfs instanceof Rootfs.Overlay overlay
                ? LayeredFile.read(overlay.lower(), path)
                : RootFile.read(((Rootfs.Directory) rootfs).path(), path);
    }

    static void check(ContainerBuilder wanted, Credentials credentials, Namespaces namespaces, List<String> problems) {
        if (wanted.init) {
            problems.add("an OS container has an init: init() is for other commands");
        }
        if (credentials.uid() != 0) {
            problems.add("the init of an OS container runs as root of the container, not as uid " + credentials.uid());
        }
        NamespaceKind[] own = {NamespaceKind.MOUNT, NamespaceKind.PID, NamespaceKind.CGROUP};
        for (NamespaceKind kind : own) {
            if (!namespaces.isNew(kind)) {
                problems.add("an OS container needs a " + kind.procName() + " namespace of its own");
            }
        }
        if (namespaces.joins(NamespaceKind.USER)) {
            problems.add("an OS container can't join a user namespace");
        }
    }

    /// Who may make groups: systemd alone needs any.
    static @Nullable Delegation delegation(ContainerBuilder wanted, @Nullable IdMaps uids, @Nullable IdMaps gids) {
        return wanted.booted == InitSystem.SYSTEMD
                ? new Delegation(uids == null ? 0 : uids.outside(0), gids == null ? 0 : gids.outside(0))
                : null;
    }

    /// What it would mount if it could, unless something else is mounted there.
    static void addMounts(ContainerBuilder wanted, List<Mount> mounts, Set<String> taken) {
        if (wanted.booted == InitSystem.SYSTEMD) {
            mounts.add(new Mount.Groups());
        }
        int plain = MountFlags.NOSUID | MountFlags.NODEV;
        add(mounts, taken, new Mount.Tmpfs("/run", RUN_BYTES, Tmpfs.inodesFor(RUN_BYTES), 0755, plain));
        add(mounts, taken, new Mount.Tmpfs("/run/lock", LOCK_BYTES, Tmpfs.inodesFor(LOCK_BYTES), 01777, Mount.NO_RIGHTS));
        add(mounts, taken, new Mount.Tmpfs("/tmp", TMP_BYTES, Tmpfs.inodesFor(TMP_BYTES), 01777, plain));
    }

    private static void add(List<Mount> mounts, Set<String> taken, Mount mount) {
        if (!taken.contains(mount.target())) {
            mounts.add(mount);
        }
    }
}
