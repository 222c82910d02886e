// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.dolium.oci.image.RunConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Lines of a Dockerfile as changes of an image.
class ConfigChangesTest {
    private static RunConfig changed(String... lines) {
        return ConfigChanges.apply(RunConfig.EMPTY, List.of(lines));
    }

    @Test
    void commands_are_lists_or_lines_for_the_shell() {
        assertThat(changed("CMD [\"a\", \"b c\"]").cmd()).containsExactly("a", "b c");
        assertThat(changed("cmd a b").cmd()).containsExactly("/bin/sh", "-c", "a b");
        assertThat(changed("CMD [a b]").cmd()).containsExactly("/bin/sh", "-c", "[a b]");
        assertThat(changed("CMD a", "CMD").cmd()).isEmpty();
    }

    @Test
    void another_entry_point_makes_an_old_command_count_no_longer() {
        RunConfig before = changed("CMD [\"old\"]");
        assertThat(ConfigChanges.apply(before, List.of("ENTRYPOINT [\"e\"]")).cmd()).isEmpty();
        assertThat(ConfigChanges.apply(before, List.of("CMD [\"new\"]", "ENTRYPOINT [\"e\"]")).cmd()).containsExactly("new");
    }

    @Test
    void variables_are_set_in_both_forms_and_used_in_later_lines() {
        RunConfig run = changed("ENV A=1 B=\"two words\" C='$A'", "ENV D $A and ${B} ${X:-none} ${A:+set} \\$A", "WORKDIR /x", "WORKDIR y/$A",
                "USER u$A", "LABEL l=\"a\\\"b\"");
        assertThat(run.env()).containsExactly("A=1", "B=two words", "C=$A", "D=1 and two words none set $A");
        assertThat(run.workingDirectory()).isEqualTo("/x/y/1");
        assertThat(run.user()).isEqualTo("u1");
        assertThat(run.labels()).containsEntry("l", "a\"b");
        assertThat(ConfigChanges.apply(run, List.of("ENV A=2")).env()).startsWith("A=2", "B=two words");
    }

    @Test
    void ports_volumes_and_health() {
        RunConfig run = changed("EXPOSE 80 53/UDP 8000-8002", "VOLUME /a /b", "VOLUME [\"/c d\"]", "STOPSIGNAL SIGINT", "ONBUILD RUN x",
                "HEALTHCHECK --interval=1m30s --timeout=500ms --retries=3 CMD curl x");
        assertThat(run.exposedPorts()).containsExactly("80/tcp", "53/udp", "8000/tcp", "8001/tcp", "8002/tcp");
        assertThat(run.volumes()).containsExactly("/a", "/b", "/c d");
        assertThat(run.onBuild()).containsExactly("RUN x");
        assertThat(run.healthcheck().test()).containsExactly("CMD-SHELL", "curl x");
        assertThat(run.healthcheck().interval()).isEqualTo(90_000_000_000L);
        assertThat(run.healthcheck().timeout()).isEqualTo(500_000_000L);
        assertThat(run.healthcheck().retries()).isEqualTo(3);
        assertThat(changed("HEALTHCHECK NONE").healthcheck().test()).containsExactly("NONE");
        assertThat(changed("HEALTHCHECK CMD [\"a\"]").healthcheck().test()).containsExactly("CMD", "a");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "RUN x", "FROM x", "", "ENV", "ENV A", "ENV A=b c", "EXPOSE 0", "EXPOSE 70000", "EXPOSE 9-8", "EXPOSE 1/xyz", "ENV A=\"b", "ENV A=${b",
        "ENV A=${b?c}", "HEALTHCHECK", "HEALTHCHECK CMD", "HEALTHCHECK --interval=x CMD a", "ONBUILD ONBUILD RUN x", "ONBUILD FROM x",
        "VOLUME [1]"
    })
    void what_is_no_change_is_refused(String line) {
        assertThatThrownBy(() -> changed(line)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("change '" + line + "'");
    }
}
