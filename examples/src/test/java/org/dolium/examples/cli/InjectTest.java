// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.dolium.testing.LeakCheck;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `dolium run --inject`.
@Tag("kernel")
@ExtendWith(LeakCheck.class)
class InjectTest {
    private static final String TRY = "for i in 1 2 3 4 5 6 7 8 9; do kill -0 $$ 2>/dev/null && printf y || printf n; done";

    @ParameterizedTest
    @CsvSource({
        "kill:error=EIO, nnnnnnnnn", "kill:error=5, nnnnnnnnn", "kill:error=EIO:when=3, yynyyyyyy", "kill:error=EIO:when=3+, yynnnnnnn",
        "kill:error=EIO:when=3+3, yynyynyyn", "kill:when=2..4:error=EIO, ynnnyyyyy", "kill:error=EIO:when=2..7+2, ynynynyyy",
        "'kill,getppid:error=EIO:when=2..4+', ynnnyyyyy", "kill:retval=0x10:when=1+2, nynynynyn", "kill:retval=0, yyyyyyyyy",
        "kill:delay_enter=10ms:when=2, yyyyyyyyy", "kill:error=EIO:delay_enter=100:when=9, yyyyyyyyn"
    })
    void faults_are_asked_for_in_the_words_of_strace(String inject, String expected) throws Exception {
        assertThat(CommandLineRun.output("--inject", inject, "--", "sh", "-c", TRY)).isEqualTo(expected);
    }

    @Test
    void several_are_looked_at_in_their_order() throws Exception {
        assertThat(CommandLineRun.output("--inject", "kill:error=EIO:when=1", "--inject", "kill:error=EIO:when=5+", "--", "sh", "-c", TRY))
                .isEqualTo("nyyynnnnn");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "kill | injects nothing: there is error=, retval= and delay_enter=",
        "kill:when=3 | injects nothing",
        "kill:error=EOI | has an unknown errno 'EOI'",
        "kill:error= | has an unknown errno ''",
        "kill:error=-5 | has an unknown errno '-5'",
        "kill:error=99999999999 | unknown errno",
        "kill:error=EIO:retval=1 | has both an error and a retval",
        "kill:retval=x | has retval 'x', which is no number",
        "kill:retval=-5 | say so with an errno",
        "kill:error=EIO:when=x | has when 'x', which is not FIRST[..LAST][+[STEP]]",
        "kill:error=EIO:when=5..3 | is never",
        "kill:error=EIO:when=0 | is never",
        "kill:error=EIO:when=1+0 | is never",
        "kill:delay_enter=5h | has delay_enter '5h'",
        "kill:delay_exit=5 | has 'delay_exit=5'; there is error=, retval=, delay_enter= and when=",
        "kill:signal=TERM:error=EIO | has 'signal=TERM'",
        "%file:error=EIO | needs names of system calls, not '%file'",
        "kill,:error=EIO | needs names of system calls, not ''",
        ":error=EIO | needs names of system calls",
        "opne:error=EIO | unknown system call 'opne'"
    })
    void mistakes_are_told(String inject, String message) {
        assertThatIllegalArgumentException().isThrownBy(() -> CommandLineRun.builder("--inject", inject, "--", "true").build())
                .withMessageContaining(message);
    }
}
