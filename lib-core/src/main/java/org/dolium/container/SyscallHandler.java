// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

/// Decides what happens to a system call of a container; see [ContainerBuilder#onSyscall].
@FunctionalInterface
public interface SyscallHandler {
    /// Decides about one call, which waits meanwhile. It may take its time, and is interrupted when the container ends.
    ///
    /// @return [InterceptedSyscall#proceed], [InterceptedSyscall#fail] or [InterceptedSyscall#give]
    /// @throws Exception the call fails with `EPERM` then, and [ContainerBuilder#run] or [Container#close] throws it
    SyscallAnswer handle(InterceptedSyscall call) throws Exception;
}
