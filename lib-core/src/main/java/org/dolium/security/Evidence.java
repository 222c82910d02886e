// SPDX-License-Identifier: Apache-2.0
package org.dolium.security;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Everything that a report is made of, as it was read.
///
/// @param mountinfo the process's mounts; null if they may not be read
/// @param mountsCut whether there are more of them than were read
/// @param label what the Linux security module says, or null
/// @param namespaces the inodes of the process's namespaces by the ordinal of the kind, 0 where they may not be read
/// @param own those of the reader
/// @param first those of process 1
/// @param ownMountinfo the reader's mounts
/// @param group the process's cgroup, or null if there is none to see
/// @param ownGroup whether that is another one than the reader's
/// @param deviceList which devices its cgroups let it use, `all` for all, or null if that may not be known
/// @param devices what is in the process's /dev, or null if that is not known
/// @param hostPaths the paths below /proc and /sys that a container should not see, and that this kernel has
record Evidence(
        long pid, String status, String uidMap, String gidMap, @Nullable String mountinfo, boolean mountsCut, String limits,
        String oomScoreAdj, @Nullable String label, long[] namespaces, long[] own, long[] first, String ownMountinfo,
        @Nullable CgroupState group, boolean ownGroup, @Nullable String deviceList, @Nullable List<String> devices,
        List<String> hostPaths) {}
