// SPDX-License-Identifier: Apache-2.0
package org.dolium.mount;

import java.util.ArrayList;
import java.util.List;
import org.dolium.linux.Arg;
import org.dolium.linux.MountFlags;
import org.dolium.linux.Propagation;
import org.dolium.linux.Sys;
import org.dolium.plan.PlanBuilder;

/// Paths that read as empty, and paths that are read-only. A path that does not exist is skipped; every other failure
/// ends the launch, also that a file is a directory or the other way round.
///
/// @param files files to hide behind the null device
/// @param directories directories to hide behind an empty one
/// @param readOnly files and directories to protect, with everything below them
public record Masks(List<String> files, List<String> directories, List<String> readOnly) {
    private static final List<String> PROC_FILES = List.of(
            "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug",
            "/proc/timer_list", "/proc/timer_stats");
    private static final List<String> PROC_DIRECTORIES = List.of("/proc/acpi", "/proc/asound", "/proc/dynamic_debug", "/proc/scsi");
    private static final List<String> SYS_DIRECTORIES =
            List.of("/sys/devices/virtual/powercap", "/sys/firmware", "/sys/fs/selinux");
    private static final List<String> PROC_READ_ONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    public Masks {
        files = List.copyOf(files);
        directories = List.copyOf(directories);
        readOnly = List.copyOf(readOnly);
        check(files);
        check(directories);
        check(readOnly);
    }

    private static void check(List<String> paths) {
        for (int i = 0; i < paths.size(); i++) {
            String path = paths.get(i);
            if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
                throw new IllegalArgumentException(
                        "masked or read-only path '" + path.replace('\0', '?') + "' is not an absolute path");
            }
        }
    }

    public static Masks none() {
        return new Masks(List.of(), List.of(), List.of());
    }

    /// What Docker, containerd and podman hide or protect, taken together; and `/proc/dynamic_debug`, through which root
    /// turns on messages of the host's kernel.
    ///
    /// @param throttlePaths the host's `thermal_throttle` directories
    public static Masks standard(List<String> throttlePaths) {
        List<String> directories = new ArrayList<>(PROC_DIRECTORIES);
        directories.addAll(SYS_DIRECTORIES);
        directories.addAll(throttlePaths);
        return new Masks(PROC_FILES, directories, PROC_READ_ONLY);
    }

    /// These masks and more.
    public Masks plus(Masks more) {
        return new Masks(joined(files, more.files), joined(directories, more.directories),
                joined(readOnly, more.readOnly));
    }

    private static List<String> joined(List<String> some, List<String> more) {
        List<String> all = new ArrayList<>(some);
        all.addAll(more);
        return all;
    }

    /// Appends the calls; after every other mount, and after [Dev], whose `null` device hides files.
    public void lower(MountContext context) {
        for (int i = 0; i < readOnly.size(); i++) {
            protect(context, readOnly.get(i));
        }
        if (!files.isEmpty()) {
            hideFiles(context);
        }
        if (!directories.isEmpty()) {
            hideDirectories(context);
        }
    }

    private static void protect(MountContext context, String path) {
        PlanBuilder plan = context.plan();
        Arg.Result place = context.openIfPresent(path);
        Arg.Result tree = plan.add(Sys.OPEN_TREE, place, MountFlags.EMPTY, MountFlags.OPEN_TREE_OF_FD_RECURSIVE);
        MountCalls.attributes(plan, tree, Mount.NO_RIGHTS | MountFlags.RDONLY, Propagation.PRIVATE, true);
        MountCalls.attach(plan, tree, place);
    }

    private void hideFiles(MountContext context) {
        PlanBuilder plan = context.plan();
        Arg.Result device = context.nullDevice();
        if (device == null) {
            throw new IllegalArgumentException("files can't be masked without a /dev of the container's own");
        }
        for (int i = 0; i < files.size(); i++) {
            Arg.Result place = context.openIfPresent(files.get(i));
            Arg.Result tree = plan.add(Sys.OPEN_TREE, device, MountFlags.EMPTY, MountFlags.OPEN_TREE_OF_FD);
            MountCalls.attach(plan, tree, place);
        }
    }

    /// One empty file system serves all directories. Kernels before 6.15 copy only attached trees, so it is attached in
    /// the old root, which is dropped afterwards.
    private void hideDirectories(MountContext context) {
        PlanBuilder plan = context.plan();
        Arg.Result empty = MountCalls.create(
                plan, "tmpfs", Mount.NO_RIGHTS | MountFlags.RDONLY, "size", "4k", "nr_inodes", "2", "mode", "0555");
        plan.add(Sys.MOVE_MOUNT, empty, MountFlags.EMPTY, Arg.AT_FDCWD, Arg.str("/proc"), MountFlags.MOVE_FROM_FD);
        for (int i = 0; i < directories.size(); i++) {
            Arg.Result place = context.openIfPresent(directories.get(i));
            Arg.Result tree = plan.add(Sys.OPEN_TREE, empty, MountFlags.EMPTY, MountFlags.OPEN_TREE_OF_FD);
            MountCalls.attach(plan, tree, place);
        }
    }
}
