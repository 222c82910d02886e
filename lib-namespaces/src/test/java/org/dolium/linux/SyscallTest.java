// SPDX-License-Identifier: Apache-2.0
package org.dolium.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SyscallTest {
    @Test
    void a_call_prints_as_strace_prints_it() {
        Syscall call = Syscall.of(
                Sys.OPENAT, Arg.AT_FDCWD, Arg.str("/etc/x"), Arg.flags(0x80000, "O_RDONLY|O_CLOEXEC"), Arg.octal(0644));
        assertThat(call).hasToString("openat(AT_FDCWD, \"/etc/x\", O_RDONLY|O_CLOEXEC, 0644)");
    }

    @Test
    void every_kind_of_argument_has_a_text() {
        Syscall call = Syscall.of(
                Sys.EXECVE, new Arg.Result(12), Arg.NULL, Arg.num(-1), Arg.octal(0),
                Arg.strings(List.of(bytes("a b"), bytes(""), bytes("q\"\\"))), new Arg.Buffer(8, new byte[0], "[out]"));
        assertThat(call).hasToString("execve($12, NULL, -1, 00, [\"a b\", \"\", \"q\\\"\\\\\"], [out])");
    }

    @Test
    void a_call_without_arguments_has_empty_parentheses() {
        assertThat(Syscall.of(Sys.SETSID)).hasToString("setsid()");
    }

    @Test
    void a_string_is_terminated_and_its_text_is_not() {
        Arg.Bytes argument = Arg.str("äb");
        assertThat(argument.value()).containsExactly(0xc3, 0xa4, 'b', 0);
        assertThat(argument).hasToString("\"\\xc3\\xa4b\"");
    }

    @Test
    void a_string_with_a_nul_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Arg.str("/etc\0/x"))
                .withMessage("string \"/etc\\x00/x\" contains a NUL byte");
    }

    @Test
    void at_most_six_arguments_are_accepted() {
        Arg[] seven = {Arg.NULL, Arg.NULL, Arg.NULL, Arg.NULL, Arg.NULL, Arg.NULL, Arg.NULL};
        assertThatIllegalArgumentException().isThrownBy(() -> Syscall.of(Sys.PRCTL, seven));
    }

    @Test
    void a_call_does_not_follow_changes_of_the_list_it_was_made_from() {
        List<Arg> arguments = new ArrayList<>(List.of(Arg.num(1)));
        Syscall call = new Syscall(Sys.CLOSE, arguments);
        arguments.add(Arg.num(2));
        assertThat(call).hasToString("close(1)");
    }

    @Test
    void a_failed_call_reads_like_a_line_of_strace() {
        ErrnoException failure = new ErrnoException("close(-1)", Errno.EBADF);
        assertThat(failure).hasMessage("close(-1) = -1 EBADF");
        assertThat(failure.call()).isEqualTo("close(-1)");
        assertThat(failure.errno()).isEqualTo(Errno.EBADF);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
