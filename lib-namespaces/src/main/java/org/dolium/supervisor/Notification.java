// SPDX-License-Identifier: Apache-2.0
package org.dolium.supervisor;

/// A system call that waits: `struct seccomp_notif`.
///
/// @param id what the kernel knows it by
/// @param pid the calling thread as this JVM sees it, or 0 if it does not
/// @param number of this machine's own architecture
/// @param arguments all six, whatever the call has
public record Notification(long id, int pid, int number, long[] arguments) {}
