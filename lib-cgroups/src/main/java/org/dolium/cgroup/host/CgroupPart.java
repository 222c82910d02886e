// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import org.dolium.cgroup.Controller;
import org.dolium.cgroup.file.CgroupDirectory;
import org.jspecify.annotations.Nullable;

/// A directory of a cgroup in one hierarchy.
///
/// @param controller of cgroup v1, or null for the directory of cgroup v2
/// @param parent the directory that it was made in
public record CgroupPart(@Nullable Controller controller, CgroupDirectory parent, CgroupDirectory directory) {}
