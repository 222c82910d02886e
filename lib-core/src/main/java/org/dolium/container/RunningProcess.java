// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.time.Duration;

/// A process of a container, as the kernel of this host tells it; see [Container#processes].
///
/// What a process calls itself is its own to say. In `name` and `command` every byte that is not printable ASCII is escaped, as
/// strace does, so that it can be shown to somebody.
///
/// @param pid its number in the JVM's pid namespace
/// @param parent the number of its parent there, or 0
/// @param uid its user as the JVM's user namespace sees it
/// @param state `R`, `S`, `D`, `T`, `Z` or another letter of proc_pid_stat(5)
/// @param cpuTime how long it was on a processor
/// @param residentBytes how much memory of it is in memory
/// @param name the name of its program, or what it has set instead, 15 bytes at most
/// @param command its arguments, with spaces between, 4096 bytes at most
public record RunningProcess(
        long pid, long parent, long uid, char state, Duration cpuTime, long residentBytes, String name, String command) {}
