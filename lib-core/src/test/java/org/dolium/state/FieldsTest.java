// SPDX-License-Identifier: Apache-2.0
package org.dolium.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FieldsTest {
    private static final String ID = "0123456789abcdef".repeat(4);
    private static final Identity IDENTITY = new Identity(
            ID, "web", Instant.parse("2026-01-02T03:04:05.000000006Z"), List.of("sh", "-c", "echo a\\n\nb", ""),
            Map.of("label with\nnewline", "\\"), true, 3, 1 << 20, 5);

    @Test
    void a_record_comes_back_as_it_was() throws Exception {
        assertThat(Identity.parse(IDENTITY.bytes(), ID)).isEqualTo(IDENTITY);
        Run run = new Run(7, 123456789, 6, 123456788, "pid:[4026531836]", Instant.EPOCH, true, 15, List.of("a b"), List.of("x\ny", ""));
        assertThat(Run.parse(run.bytes(), "run")).isEqualTo(run);
        GroupNote note = new GroupNote(List.of("unified /sys/fs/cgroup/a b"), Long.MAX_VALUE, 0);
        assertThat(GroupNote.parse(note.bytes(), "cgroup")).isEqualTo(note);
        End end = new End(1, -1, 2);
        assertThat(End.parse(end.bytes(), "ended")).isEqualTo(end);
    }

    @Test
    void a_record_with_any_other_bit_is_damaged_and_so_is_a_part_of_one() {
        byte[] good = IDENTITY.bytes();
        for (int at = 0; at < good.length; at++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] bad = good.clone();
                bad[at] ^= (byte) (1 << bit);
                assertThatThrownBy(() -> Identity.parse(bad, ID)).isInstanceOf(IOException.class).hasMessageContaining("is damaged");
            }
            byte[] part = Arrays.copyOf(good, at);
            assertThatThrownBy(() -> Identity.parse(part, ID)).isInstanceOf(IOException.class).hasMessageContaining("is damaged");
        }
        byte[] more = Arrays.copyOf(good, good.length + 1);
        assertThatThrownBy(() -> Identity.parse(more, ID)).isInstanceOf(IOException.class).hasMessageContaining("is damaged");
    }

    @Test
    void another_version_says_that_it_is_one() {
        byte[] later = new String(IDENTITY.bytes(), StandardCharsets.UTF_8).replace("dolium-state 1", "dolium-state 2")
                .getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> Identity.parse(later, ID)).hasMessageContaining("another version of Dolium");
    }

    @Test
    void what_a_record_must_not_say_is_damage_also_with_a_right_sum() {
        byte[] unknown = new Fields().add("oom-kills", 0).add("cpu-nanos", 0).add("peak-memory", 0).add("other", "x").bytes();
        assertThatThrownBy(() -> End.parse(unknown, "ended")).hasMessageContaining("'other'");
        byte[] twice = new Fields().add("oom-kills", 0).add("oom-kills", 1).add("cpu-nanos", 0).add("peak-memory", 0).bytes();
        assertThatThrownBy(() -> End.parse(twice, "ended")).hasMessageContaining("twice");
        byte[] missing = new Fields().add("oom-kills", 0).bytes();
        assertThatThrownBy(() -> End.parse(missing, "ended")).hasMessageContaining("does not say");
        byte[] word = new Fields().add("oom-kills", "none").add("cpu-nanos", 0).add("peak-memory", 0).bytes();
        assertThatThrownBy(() -> End.parse(word, "ended")).hasMessageContaining("is no number");
        assertThatThrownBy(() -> Identity.parse(IDENTITY.bytes(), "f".repeat(64))).hasMessageContaining("another container's");
        assertThatThrownBy(() -> Identity.parse(IDENTITY.named("../x").bytes(), ID)).hasMessageContaining("is damaged");
    }
}
