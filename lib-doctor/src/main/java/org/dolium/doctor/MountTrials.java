// SPDX-License-Identifier: Apache-2.0
package org.dolium.doctor;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.dolium.host.Host;
import org.dolium.linux.Arg;
import org.dolium.linux.MountFlags;
import org.dolium.linux.Propagation;
import org.dolium.linux.Sys;
import org.dolium.mount.Pivot;
import org.dolium.mount.Root;
import org.dolium.namespace.NamespaceKind;
import org.dolium.plan.PlanBuilder;

/// Tries the file systems that containers mount.
final class MountTrials {
    private static final int AT_REMOVEDIR = 0x200;
    private static final long BYTES = 1 << 20;
    private static final long INODES = 100;

    private final Host host;
    private final NamespaceTrials namespaces;
    private final Path diskPlace;

    /// @param diskPlace where an overlay on disk is tried
    MountTrials(Host host, NamespaceTrials namespaces, Path diskPlace) {
        this.host = host;
        this.namespaces = namespaces;
        this.diskPlace = diskPlace;
    }

    void addTo(Map<Probe, Outcome> outcomes) throws InterruptedException {
        Trial proc = namespaces.in(NamespaceKind.MOUNT, NamespaceKind.PID);
        mount(proc.plan(), "proc", 0, "/proc");
        outcomes.put(Probe.PROC, proc.outcome(host.lastCapability()));
        Trial sysfs = namespaces.in(NamespaceKind.MOUNT, NamespaceKind.NET);
        mount(sysfs.plan(), "sysfs", MountFlags.RDONLY, "/sys");
        outcomes.put(Probe.SYSFS, sysfs.outcome(host.lastCapability()));
        outcomes.put(Probe.OVERLAY, inMemory(namespaces.in(NamespaceKind.MOUNT), !host.privileged()));
        outcomes.put(
                Probe.OVERLAY_IN_USER_NAMESPACE,
                inMemory(namespaces.inUserNamespace(NamespaceKind.MOUNT.cloneFlag()), true));
        outcomes.put(Probe.OVERLAY_ON_DISK, onDisk());
    }

    private static Arg.Result mount(PlanBuilder plan, String type, int more, String place) {
        Pivot.lowerDetach(plan, Propagation.PRIVATE);
        Arg.Result context = plan.add(Sys.FSOPEN, Arg.str(type), MountFlags.FSOPEN_CLOEXEC);
        plan.add(Sys.FSCONFIG, context, MountFlags.FSCONFIG_CMD_CREATE, Arg.NULL, Arg.NULL, Arg.num(0));
        int attributes = MountFlags.NOSUID | MountFlags.NODEV | MountFlags.NOEXEC | more;
        Arg.Result tree =
                plan.add(Sys.FSMOUNT, context, MountFlags.FSMOUNT_CLOEXEC, MountFlags.attributes(attributes));
        plan.add(Sys.MOVE_MOUNT, tree, MountFlags.EMPTY, Arg.AT_FDCWD, Arg.str(place), MountFlags.MOVE_FROM_FD);
        return tree;
    }

    /// All in memory: the lower layer lies on /dev of the child's own mount namespace.
    private Outcome inMemory(Trial trial, boolean inUserNamespace) throws InterruptedException {
        Arg.Result memory = mount(trial.plan(), "tmpfs", 0, "/dev");
        trial.plan().add(Sys.MKDIRAT, memory, Arg.str("lower"), Arg.octal(0755));
        trial.plan().add(Sys.MKDIRAT, memory, Arg.str("lower/empty"), Arg.octal(0755));
        Root.Upper upper = new Root.Upper.Memory(BYTES, INODES);
        changeLayers(trial.plan(), new Root.Overlay(List.of("/dev/lower"), upper, inUserNamespace));
        return trial.outcome(host.lastCapability());
    }

    /// That an overlay can be mounted is not enough: what comes from a lower layer must be removed and made again.
    private static void changeLayers(PlanBuilder plan, Root.Overlay overlay) {
        Arg.Result root = overlay.lower(plan, Propagation.PRIVATE);
        plan.add(Sys.UNLINKAT, root, Arg.str("empty"), Arg.flags(AT_REMOVEDIR, "AT_REMOVEDIR"));
        plan.add(Sys.MKDIRAT, root, Arg.str("empty"), Arg.octal(0755));
    }

    private Outcome onDisk() throws InterruptedException {
        try {
            Path directory = Files.createTempDirectory(diskPlace, "dolium-");
            try {
                return onDisk(directory);
            } finally {
                delete(directory);
            }
        } catch (IOException e) {
            return new Outcome.Failed(e.toString());
        }
    }

    private Outcome onDisk(Path directory) throws IOException, InterruptedException {
        Path lower = Files.createDirectory(directory.resolve("lower"));
        Files.createDirectory(lower.resolve("empty"));
        Path upper = Files.createDirectory(directory.resolve("upper"));
        Path work = Files.createDirectory(directory.resolve("work"));
        Trial trial = namespaces.in(NamespaceKind.MOUNT);
        Pivot.lowerDetach(trial.plan(), Propagation.PRIVATE);
        changeLayers(trial.plan(), new Root.Overlay(
                List.of(lower.toString()), new Root.Upper.Disk(upper.toString(), work.toString()), !host.privileged()));
        return trial.outcome(host.lastCapability());
    }

    /// Overlayfs leaves a work directory with no permissions at all.
    private static void delete(Path path) throws IOException {
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx------"));
            try (DirectoryStream<Path> children = Files.newDirectoryStream(path)) {
                for (Path child : children) {
                    delete(child);
                }
            }
        }
        Files.delete(path);
    }
}
