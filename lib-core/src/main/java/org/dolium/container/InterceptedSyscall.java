// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Arch;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;
import org.dolium.supervisor.Listener;
import org.dolium.supervisor.Notification;
import org.dolium.supervisor.TargetMemory;

/// A system call that waits for a [SyscallHandler]'s decision.
///
/// **This is for tests, for tracing and for doing something in a container's place. It is no way to confine one.** What a
/// pointer points to can be changed by another thread of the container at any time: also between the moment at which a handler
/// has read it and the moment at which the kernel does, if the call goes on. So a handler that looks at a path, an address or
/// a structure and then lets the call [#proceed] has decided nothing; only numbers and flags in registers stay as they are. What
/// a container must never do is to be forbidden by its seccomp profile, its mounts and its capabilities. (Not to let a call
/// proceed is safe, whatever was read.) See seccomp_unotify(2).
public final class InterceptedSyscall {
    private static final int PATH_MAX = 4096;
    private static final int ARGUMENTS = 6;

    private final String name;
    private final Notification notification;
    private final Listener listener;

    InterceptedSyscall(String name, Notification notification, Listener listener) {
        this.name = name;
        this.notification = notification;
        this.listener = listener;
    }

    /// As in syscalls(2), for instance `openat`.
    public String name() {
        return name;
    }

    /// The number that the call has on this architecture.
    public int number() {
        return notification.number();
    }

    /// The architecture in whose way the call was made: always this machine's own. Calls in the way of another one, such as those
    /// of 32-bit programs, are never seen: all profiles but [org.dolium.seccomp.SeccompProfile#unconfined] forbid them.
    public Arch arch() {
        return Kernel.ARCH;
    }

    /// The calling thread, in the JVM's pid namespace; 0 if it has no number there.
    public int pid() {
        return notification.pid();
    }

    /// An argument, as it is in its register. A pointer is an address in the calling process.
    ///
    /// @param index from 0 to 5, also where the call has fewer
    public long argument(int index) {
        if (index < 0 || index >= ARGUMENTS) {
            throw new IllegalArgumentException("a system call has arguments 0 to 5, not " + index);
        }
        return notification.arguments()[index];
    }

    /// An argument of type `int`, as a descriptor or flags: its low 32 bits. The kernel ignores the others, and so must everyone.
    public int intArgument(int index) {
        return (int) argument(index);
    }

    /// The text that an argument points to, such as a path; of a longer one than 4096 bytes the beginning.
    ///
    /// @throws SyscallGoneException if the call does not wait any more
    /// @throws IOException if there is no such text: a wrong pointer
    public String string(int index) throws IOException {
        return string(index, PATH_MAX);
    }

    /// The text that an argument points to, up to its NUL, or at most its first `limit` bytes.
    public String string(int index, int limit) throws IOException {
        byte[] bytes = certain(() -> TargetMemory.readString(notification.pid(), argument(index), limit));
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /// The bytes that an argument points to: a buffer, or a structure, whose fields are in the machine's own order.
    ///
    /// @throws SyscallGoneException if the call does not wait any more
    /// @throws IOException if there are not so many: a wrong pointer
    public ByteBuffer memory(int index, int length) throws IOException {
        return memoryAt(argument(index), length);
    }

    /// As [#memory], at an address that was found in other memory, for instance in a `struct iovec`.
    public ByteBuffer memoryAt(long address, int length) throws IOException {
        byte[] bytes = certain(() -> TargetMemory.read(notification.pid(), address, length));
        if (bytes.length < length) {
            throw new ErrnoException("read(memory of " + this + ", 0x" + Long.toHexString(address) + ", " + length + ")", Errno.EFAULT);
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    }

    /// The path of the open file whose descriptor an argument is, as the container sees it; `pipe:[123]` and the like for what
    /// has none. It may be renamed at any time.
    ///
    /// @throws SyscallGoneException if the call does not wait any more
    /// @throws IOException if there is no such descriptor
    public String file(int index) throws IOException {
        Path link = Path.of("/proc/" + notification.pid() + "/fd/" + intArgument(index));
        return certain(() -> Files.readSymbolicLink(link)).toString();
    }

    private interface Reading<T> {
        T read() throws IOException;
    }

    /// What is read of the caller: if the call still waits afterwards, it was the caller's and not that of a process which has
    /// got its pid meanwhile.
    private <T> T certain(Reading<T> reading) throws IOException {
        try {
            T value = reading.read();
            if (isWaiting()) {
                return value;
            }
        } catch (IOException e) {
            if (isWaiting()) {
                throw e;
            }
        }
        throw new SyscallGoneException(toString());
    }

    /// Whether the caller still waits for the answer. It does not when it was killed, or interrupted by a signal.
    public boolean isWaiting() {
        return listener.waits(notification);
    }

    /// The kernel shall go on with the call. Where the container's seccomp profile makes it fail, it fails now as it would have
    /// without a handler.
    public SyscallAnswer proceed() {
        return new SyscallAnswer.Proceed();
    }

    /// The call shall fail with `errno` and not be made.
    public SyscallAnswer fail(Errno errno) {
        return new SyscallAnswer.Fail(errno);
    }

    /// The call shall return `value` and not be made.
    ///
    /// @throws IllegalArgumentException if the value means an errno: from -4095 to -1
    public SyscallAnswer give(long value) {
        return new SyscallAnswer.Give(value);
    }

    /// The name and the arguments in hexadecimal, as strace prints what it does not know.
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder(name).append('(');
        for (int i = 0; i < ARGUMENTS; i++) {
            out.append(i == 0 ? "0x" : ", 0x").append(Long.toHexString(notification.arguments()[i]));
        }
        return out.append(") of process ").append(notification.pid()).toString();
    }
}
