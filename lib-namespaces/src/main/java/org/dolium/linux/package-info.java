// SPDX-License-Identifier: Apache-2.0
/// Kernel facts as values: system calls, arguments, error numbers, flags and structures. Pure: nothing here performs a
/// call or reads the machine. Start at [org.dolium.linux.Syscall].
package org.dolium.linux;
