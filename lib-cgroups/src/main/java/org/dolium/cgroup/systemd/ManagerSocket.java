// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.systemd;

import java.nio.file.Path;

/// A socket on which a systemd manager may answer.
///
/// @param path where it is
/// @param daemon whether a bus daemon listens there, or else the manager itself
public record ManagerSocket(Path path, boolean daemon) {}
