// SPDX-License-Identifier: Apache-2.0
/// Control groups as values: limits, where a group is made, what it used. Start at [org.dolium.cgroup.Limit]. What
/// touches the kernel belongs elsewhere.
package org.dolium.cgroup;
