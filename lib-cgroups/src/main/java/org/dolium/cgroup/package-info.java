// SPDX-License-Identifier: Apache-2.0
/// Control groups: which hierarchies a machine has and where this process is in them. Start at
/// [org.dolium.cgroup.CgroupMounts].
package org.dolium.cgroup;
