// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DetachKeysTest {
    /// Typed a key at a time, and all at once.
    @ParameterizedTest
    @CsvSource({"'a,b',xaby,x|y", "'a,b',xaaby,xa|y", "'a,b',acab,ac|", "a,xay,x|y", "'',xay,xay", "'a,a,b',aab,|", "'a,b',a,''"})
    void what_comes_before_and_after_them_is_passed_on(String keys, String typed, String wanted) {
        for (int size : new int[] {1, 100}) {
            DetachKeys detach = DetachKeys.parse(keys);
            StringBuilder all = new StringBuilder();
            byte[] bytes = typed.getBytes(StandardCharsets.US_ASCII);
            for (int at = 0; at < bytes.length; ) {
                byte[] part = java.util.Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + size));
                ByteArrayOutputStream passed = new ByteArrayOutputStream();
                int end = detach.typed(part, part.length, passed);
                all.append(passed.toString(StandardCharsets.US_ASCII)).append(end < 0 ? "" : "|");
                at += end < 0 ? part.length : end;
            }
            assertThat(all).hasToString(wanted);
        }
    }

    @Test
    void other_words_are_refused() {
        for (String text : new String[] {"ctrl-", "ctrl-1", "ab", "a,", "ä", "alt-x"}) {
            assertThatIllegalArgumentException().isThrownBy(() -> DetachKeys.parse(text)).withMessageContaining("ctrl-p,ctrl-q");
        }
    }
}
