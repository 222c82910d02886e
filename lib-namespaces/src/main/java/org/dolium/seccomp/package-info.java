// SPDX-License-Identifier: Apache-2.0
/// Which system calls a container may make: profiles as values, and their compiler to the kernel's filter programs; see
/// seccomp(2). When a filter is installed does not belong here. Start at [org.dolium.seccomp.SeccompProfile].
package org.dolium.seccomp;
