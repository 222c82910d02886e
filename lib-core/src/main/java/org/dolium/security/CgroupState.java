// SPDX-License-Identifier: Apache-2.0
package org.dolium.security;

/// The cgroup of a process and the limits that are in force for it: the tightest of its own and of those above it.
///
/// @param path its path in the hierarchy that limits processes, as this JVM sees it
/// @param memoryBytes the most memory, or -1 for no limit
/// @param swapBytes the most swap, or -1 for no limit (cgroup v1: of memory and swap together)
/// @param processes the most processes and threads, or -1 for no limit
/// @param cpus the most processors at a time, or -1 for no limit
public record CgroupState(String path, long memoryBytes, long swapBytes, long processes, double cpus) {}
