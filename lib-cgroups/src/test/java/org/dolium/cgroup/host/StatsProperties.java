// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.dolium.cgroup.Stats;
import org.dolium.cgroup.file.Texts;
import org.dolium.cgroup.v1.LegacyFigures;
import org.dolium.cgroup.v2.PressureFigures;
import org.dolium.cgroup.v2.UnifiedFigures;

/// Whatever a file says, it is read: at worst its figures are absent.
class StatsProperties {
    private static final List<String> REAL = List.of("v1-6.18.txt", "v2-6.1.txt", "v2-6.12.txt");

    private static Stats unified(Map<String, String> texts) {
        return UnifiedFigures.of(Instant.EPOCH, texts, List.of());
    }

    private static Stats legacy(Map<String, String> texts) {
        return LegacyFigures.of(Instant.EPOCH, texts, List.of(), PressureFigures.of(texts));
    }

    @Property(tries = 300)
    void any_text_is_read(@ForAll String text) throws IOException {
        for (String kernel : REAL) {
            Map<String, String> texts = Texts.of(kernel);
            texts.replaceAll((file, real) -> text);
            assertThatCode(() -> unified(texts)).doesNotThrowAnyException();
            assertThatCode(() -> legacy(texts)).doesNotThrowAnyException();
        }
    }

    @Property(tries = 300)
    void a_text_that_is_cut_or_disturbed_anywhere_is_read(
            @ForAll @IntRange(max = 2) int kernel, @ForAll @IntRange(max = 1500) int at, @ForAll char disturbance)
            throws IOException {
        Map<String, String> cut = new HashMap<>();
        Map<String, String> disturbed = new HashMap<>();
        Texts.of(REAL.get(kernel)).forEach((file, text) -> {
            int place = at % Math.max(1, text.length());
            cut.put(file, text.substring(0, place));
            disturbed.put(file, text.substring(0, place) + disturbance + text.substring(place));
        });
        for (Map<String, String> texts : List.of(cut, disturbed)) {
            assertThat(unified(texts).memory().currentBytes().orElse(0)).isNotNegative();
            assertThat(legacy(texts).memory().workingSetBytes().orElse(0)).isNotNegative();
        }
    }
}
