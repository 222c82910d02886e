// SPDX-License-Identifier: Apache-2.0
package org.dolium.seccomp;

import org.dolium.linux.Arch;

/// What a profile is compiled for.
///
/// @param arch the processor
/// @param bounding the capabilities that are granted: the bounding set, one bit each
/// @param kernelMajor the kernel's major version
/// @param kernelMinor the kernel's minor version
public record SeccompTarget(Arch arch, long bounding, int kernelMajor, int kernelMinor) {}
