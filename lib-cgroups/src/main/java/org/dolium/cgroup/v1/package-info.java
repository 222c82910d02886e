// SPDX-License-Identifier: Apache-2.0
/// Cgroup v1: limits as its files, and its files as figures; one class for each controller. Start at
/// [org.dolium.cgroup.v1.LegacySettings].
package org.dolium.cgroup.v1;
