// SPDX-License-Identifier: Apache-2.0
/// Starts a child that performs a compiled plan, and waits for it: the executable memory file, the thread that clones,
/// the status socket, the poller, and the streams. What the plan says does not belong here. Start at
/// [org.dolium.launch.Launcher].
package org.dolium.launch;
