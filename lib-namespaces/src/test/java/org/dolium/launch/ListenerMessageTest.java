// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Arg;
import org.dolium.linux.ErrnoException;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A descriptor goes through a socket as the child sends it, performed by the JVM.
@ExtendWith(LeakCheck.class)
class ListenerMessageTest {
    private static final byte[] TEXT = {'L', 'N'};
    private static final int F_GETFD = 1;

    private final List<Fd> taken = new ArrayList<>();

    private static void send(Fd socket, Arg.Message message) throws ErrnoException {
        Syscall call = Syscall.of(Sys.SENDMSG, Arg.num(socket.number()), message, Arg.num(0));
        assertThat(Kernel.perform(call)).isEqualTo(message.data().length);
    }

    private long receive(Fd socket) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            return ListenerMessage.receive(socket, Memory.allocate(arena, 16), taken::add, null);
        }
    }

    @Test
    void the_descriptor_arrives_and_is_closed_by_an_exec() throws Exception {
        Fd[] pair = Fd.socketPair();
        Fd[] pipe = Fd.pipe();
        try (Fd ours = pair[0];
                Fd theirs = pair[1];
                Fd out = pipe[0];
                Fd in = pipe[1]) {
            send(theirs, Arg.Message.withDescriptor(TEXT, in.number()));
            assertThat(receive(ours)).isEqualTo(2);
            assertThat(taken).hasSize(1);
            try (Fd copy = taken.getFirst()) {
                assertThat(copy.number()).isNotEqualTo(in.number());
                assertThat(Kernel.call(Sys.FCNTL, copy.number(), F_GETFD, 0)).as("close-on-exec").isEqualTo(1);
                copy.write(new byte[] {42}, "copy");
            }
            try (Arena arena = Arena.ofConfined()) {
                Memory one = Memory.allocate(arena, 1);
                assertThat(Kernel.call(Sys.READ, out.number(), one.address(), 1)).isEqualTo(1);
                assertThat(one.head(1)).containsExactly(42);
            }
        }
    }

    @Test
    void other_messages_are_only_read_and_one_that_lost_its_descriptor_is_an_error() throws Exception {
        Fd[] pair = Fd.socketPair();
        try (Fd ours = pair[0];
                Fd theirs = pair[1]) {
            assertThat(receive(ours)).isEqualTo(-11);
            send(theirs, new Arg.Message(new byte[] {'R'}, new byte[0], "{}"));
            assertThat(receive(ours)).isEqualTo(1);
            send(theirs, new Arg.Message(new byte[8], new byte[0], "{}"));
            assertThat(receive(ours)).isEqualTo(8);
            send(theirs, new Arg.Message(TEXT, new byte[0], "{}"));
            assertThatThrownBy(() -> receive(ours)).isInstanceOf(ErrnoException.class).hasMessageContaining("EMFILE");
            theirs.close();
            assertThat(receive(ours)).isZero();
        }
        assertThat(taken).isEmpty();
    }
}
