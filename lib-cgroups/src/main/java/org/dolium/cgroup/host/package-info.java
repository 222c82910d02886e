// SPDX-License-Identifier: Apache-2.0
/// The cgroups of this machine: what there is, which way is taken, and the groups that containers live in. Start at
/// [org.dolium.cgroup.host.Cgroups]; the decision is [org.dolium.cgroup.host.CgroupChoice], a pure function.
package org.dolium.cgroup.host;
