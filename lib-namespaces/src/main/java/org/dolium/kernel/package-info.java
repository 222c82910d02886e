// SPDX-License-Identifier: Apache-2.0
/// Performs system calls now, in this JVM: the only native link, file descriptors, and the clone stub. What to call and
/// why does not belong here. Start at [org.dolium.kernel.Kernel].
package org.dolium.kernel;
