// SPDX-License-Identifier: Apache-2.0
package org.dolium.security;

import java.util.List;

/// A mount as a process sees it: a line of its mountinfo, see proc_pid_mountinfo(5). In all texts, bytes that are no
/// printable ASCII characters, and the backslash, are escaped as `\x0a`.
///
/// @param id the mount's number
/// @param root what of its file system is mounted
/// @param point where
/// @param flags of the mount, as `ro` and `nosuid`; also `ro` if the whole file system is
/// @param peers the group of mounts that it tells of new mounts below it, 0 if it tells nobody
/// @param master the group of mounts whose new mounts it gets, 0 if it gets none
/// @param options of the file system
public record MountEntry(
        int id, String root, String point, String type, String source, List<String> flags, int peers, int master,
        List<String> options) {
    public MountEntry {
        flags = List.copyOf(flags);
        options = List.copyOf(options);
    }

    public boolean readOnly() {
        return flags.contains("ro");
    }

    /// Whether it hides what is below it: the null device over a file, or an empty read-only file system over a directory.
    public boolean masks() {
        boolean device = root.equals("/null") && (type.equals("tmpfs") || type.equals("devtmpfs"));
        boolean ofKernel = point.startsWith("/proc/") || point.startsWith("/sys/");
        boolean empty = options.contains("nr_inodes=1") || options.contains("nr_inodes=2");
        return device && !point.equals("/dev/null") || type.equals("tmpfs") && readOnly() && (ofKernel || empty);
    }

    /// Whether mounts that are made elsewhere appear here, or the other way round: `private`, `shared:7`, `master:7`.
    public String propagation() {
        if (peers == 0 && master == 0) {
            return "private";
        }
        String shared = peers == 0 ? "" : "shared:" + peers;
        return master == 0 ? shared : shared + (peers == 0 ? "" : " ") + "master:" + master;
    }
}
