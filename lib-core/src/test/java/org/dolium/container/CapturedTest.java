// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;

import org.dolium.kernel.Fd;
import org.dolium.launch.PipeInput;
import org.dolium.launch.PipeOutput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class CapturedTest {
    private static final int LIMIT = 10;

    /// Its caller has a clock, an interrupt and another stream to look at.
    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void what_never_ends_is_not_taken_at_once() throws Exception {
        try (PipeInput zeros = new PipeInput(Fd.open("/dev/zero", 0, 0))) {
            Captured captured = new Captured(zeros, LIMIT);
            assertThat(captured.drain()).isTrue();
            assertThat(captured.drain()).isTrue();
            assertThat(captured.ended()).isFalse();
            assertThat(captured.bytes()).hasSize(LIMIT);
            assertThat(captured.truncated()).isTrue();
        }
    }

    @Test
    void all_that_a_pipe_holds_is_taken_at_once_and_then_the_stream_is_forgotten() throws Exception {
        Fd[] pipe = Fd.pipe();
        try (PipeInput input = new PipeInput(pipe[0]); PipeOutput output = new PipeOutput(pipe[1])) {
            Captured captured = new Captured(input, 1 << 20);
            output.write(new byte[65536]);
            assertThat(captured.drain()).isTrue();
            assertThat(captured.drain()).isFalse();
            assertThat(captured.source()).isSameAs(input);
            output.close();
            assertThat(captured.drain()).isTrue();
            assertThat(captured.ended()).isTrue();
            assertThat(captured.source()).isNull();
            assertThat(captured.bytes()).hasSize(65536);
            assertThat(captured.truncated()).isFalse();
        }
    }
}
