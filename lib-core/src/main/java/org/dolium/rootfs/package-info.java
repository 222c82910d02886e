// SPDX-License-Identifier: Apache-2.0
/// Root file systems seen from the JVM: reading a file inside one without leaving it. Hidden.
package org.dolium.rootfs;
