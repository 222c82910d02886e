// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.dolium.testing.MustRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitNameTest {
    @ParameterizedTest
    @CsvSource({
        "web, dolium-web.scope",
        "web-1, dolium-web\\x2d1.scope",
        "a/b, dolium-a-b.scope",
        ".., dolium-\\x2e..scope",
        "a@b c, dolium-a\\x40b\\x20c.scope",
        "é, dolium-\\xc3\\xa9.scope",
        "'', dolium-.scope",
    })
    void G_04_an_id_is_escaped(String id, String unit) {
        assertThat(UnitName.scope(id)).hasToString(unit);
    }

    /// The names that systemd's own program makes of a few hundred random texts.
    @Test
    void escaping_is_that_of_systemd() throws Exception {
        List<String> texts = new ArrayList<>();
        Random random = new Random(4);
        for (int i = 0; i < 300; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = 1 + random.nextInt(12); length > 0; length--) {
                text.appendCodePoint(random.nextInt(8) == 0 ? 0xA0 + random.nextInt(0x400) : 0x21 + random.nextInt(0x5E));
            }
            texts.add(text.toString());
        }
        // by way of xargs: a JVM that was started in the locale C can't pass such arguments itself
        ProcessBuilder builder = new ProcessBuilder("xargs", "-0", MustRun.program("systemd-escape"), "--").redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C.UTF-8");
        Process process = builder.start();
        try (OutputStream in = process.getOutputStream()) {
            in.write(String.join("\0", texts).getBytes(StandardCharsets.UTF_8));
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        assertThat(texts.stream().map(UnitName::escape).toList()).isEqualTo(List.of(output.trim().split(" ", -1)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"machine.slice", "-.slice", "a-b-c.slice", "user\\x2d1.slice"})
    void slices(String name) {
        assertThat(UnitName.slice(name)).hasToString(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", ".slice", "a.scope", "a--b.slice", "-a.slice", "a-.slice", "--.slice", "a b.slice", "a@.slice", "../a.slice", "a\n.slice",
        "é.slice", "a.service", "a\0.slice"
    })
    void G_04_a_name_that_is_no_slice_is_refused(String name) {
        assertThatIllegalArgumentException().isThrownBy(() -> UnitName.slice(name)).withMessageContaining("no name of a");
    }

    @Test
    void names_that_are_too_long_are_refused() {
        assertThatIllegalArgumentException().isThrownBy(() -> UnitName.scope("x".repeat(243)));
        assertThat(UnitName.scope("x".repeat(242)).text()).hasSize(255);
    }

    /// What moves process 1, or every process of a group, is no container's.
    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, -1, 0, 1, 1L << 31})
    void processes_that_can_not_be_moved_are_refused(long pid) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ScopeRequest(UnitName.scope("x"), "", Optional.empty(), pid, Duration.ofSeconds(2)));
    }
}
