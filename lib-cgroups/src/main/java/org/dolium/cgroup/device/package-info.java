// SPDX-License-Identifier: Apache-2.0
/// Lists of allowed devices in the two forms that the kernel takes: a program that a cgroup v2 directory holds, and lines
/// for the files of cgroup v1. What may be in a list does not belong here. Start at
/// [org.dolium.cgroup.device.AttachedProgram] and [org.dolium.cgroup.device.LegacyDevices].
package org.dolium.cgroup.device;
