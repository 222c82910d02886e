// SPDX-License-Identifier: Apache-2.0
/// Scopes of systemd: a cgroup that systemd makes for a process and leaves to us (`Delegate=yes`), by the system's manager
/// for root and by the user's own for anybody else. What is done inside the cgroup does not belong here. Start at
/// [org.dolium.cgroup.systemd.Scope]. See systemd.scope(5), org.freedesktop.systemd1(5) and
/// [Control Group APIs and Delegation](https://systemd.io/CGROUP_DELEGATION).
package org.dolium.cgroup.systemd;
