// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// After which ends a command is run again, and how long that takes.
class RestartPolicyTest {
    @Test
    void dockers_words_are_read() {
        assertThat(RestartPolicy.parse("no")).isEqualTo(RestartPolicy.no());
        assertThat(RestartPolicy.parse("always")).isEqualTo(RestartPolicy.always());
        assertThat(RestartPolicy.parse("unless-stopped")).isEqualTo(RestartPolicy.unlessStopped());
        assertThat(RestartPolicy.parse("on-failure")).isEqualTo(RestartPolicy.onFailure());
        assertThat(RestartPolicy.parse("on-failure:0")).isEqualTo(RestartPolicy.onFailure());
        assertThat(RestartPolicy.parse("on-failure:3")).isEqualTo(RestartPolicy.onFailure(3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "yes", "always:3", "no:1", "on-failure:", "on-failure:-1", "on-failure:3x", "on-failure:9999999999", "ALWAYS"})
    void others_are_refused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> RestartPolicy.parse(text));
    }

    @Test
    void a_number_is_for_failures_only() {
        assertThatIllegalArgumentException().isThrownBy(() -> new RestartPolicy(RestartPolicy.When.ALWAYS, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> RestartPolicy.onFailure(-1));
    }

    @Test
    void each_policy_counts_what_it_says() {
        assertThat(RestartPolicy.no().again(false, 0)).isFalse();
        assertThat(RestartPolicy.always().again(true, 1_000_000)).isTrue();
        assertThat(RestartPolicy.onFailure().again(true, 0)).isFalse();
        assertThat(RestartPolicy.onFailure().again(false, 1_000_000)).isTrue();
        assertThat(RestartPolicy.onFailure(2).again(false, 1)).isTrue();
        assertThat(RestartPolicy.onFailure(2).again(false, 2)).isFalse();
    }

    @Test
    void pauses_double_up_to_a_minute_and_begin_anew_when_it_ran_well() {
        long pause = 0;
        long[] expected = {100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 51200, 60000, 60000};
        for (long millis : expected) {
            pause = Supervised.pause(pause, TimeUnit.SECONDS.toNanos(9));
            assertThat(TimeUnit.NANOSECONDS.toMillis(pause)).isEqualTo(millis);
        }
        assertThat(Supervised.pause(pause, TimeUnit.SECONDS.toNanos(10))).isEqualTo(Supervised.FIRST_PAUSE);
    }
}
