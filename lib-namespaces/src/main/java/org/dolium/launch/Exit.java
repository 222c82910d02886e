// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

/// How a child ended, as waitid(2) tells it. The largest resident set that waitid reports is left out: it counts the
/// JVM's memory, which the child shared until its exec.
///
/// @param status the exit code, or the signal's number
/// @param signalled whether a signal ended it
/// @param coreDumped whether it left a core dump
/// @param cpuNanos user and system time of it and its waited-for children
public record Exit(int status, boolean signalled, boolean coreDumped, long cpuNanos) {}
