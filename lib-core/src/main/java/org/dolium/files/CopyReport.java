// SPDX-License-Identifier: Apache-2.0
package org.dolium.files;

/// What a copy consisted of.
///
/// @param files regular files
/// @param directories directories, also those that were there already
/// @param links symbolic links
/// @param bytes the content of the files
/// @param skipped devices, FIFOs, sockets and file systems of the kernel, which are not copied
public record CopyReport(long files, long directories, long links, long bytes, long skipped) {}
