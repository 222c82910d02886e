// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.dolium.examples.cli.ContainerView.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The list of containers: Docker's table, formats and filters.
class PsTest {
    private static final List<ContainerView> ALL = List.of(
            Views.running("web"), Views.paused("standing"), Views.exited("job", 3), Views.exited("killed", 137), Views.created("new"));

    private static String printed(String format, ContainerView... containers) {
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text);
        List<PsLine> lines = Stream.of(containers).map(one -> new PsLine(one, false, Views.NOW)).toList();
        new ListFormat(format, PsLine.KEYS).print(lines, out);
        out.flush();
        return text.toString();
    }

    @Test
    void the_table_is_dockers() {
        assertThat(printed(PsLine.TABLE, ALL.toArray(ContainerView[]::new)).replaceAll("(?m)^[0-9a-f]{12}", "0123456789ab")).isEqualTo("""
                CONTAINER ID   IMAGE       COMMAND                  CREATED         STATUS                       PORTS     NAMES
                0123456789ab   debian:13   "sleep 1000000000000…"   3 minutes ago   Up 3 minutes                           web
                0123456789ab   debian:13   "sleep 1000000000000…"   3 minutes ago   Up 2 hours (Paused)                    standing
                0123456789ab   debian:13   "sleep 1000000000000…"   3 minutes ago   Exited (3) 5 seconds ago               job
                0123456789ab   debian:13   "sleep 1000000000000…"   3 minutes ago   Exited (137) 5 seconds ago             killed
                0123456789ab   debian:13   "sleep 1000000000000…"   3 minutes ago   Created                                new
                """);
    }

    @Test
    void without_containers_there_is_the_heading() {
        assertThat(printed(PsLine.TABLE)).isEqualTo("CONTAINER ID   IMAGE     COMMAND   CREATED   STATUS    PORTS     NAMES\n");
    }

    @Test
    void a_command_can_do_nothing_to_the_terminal() {
        ContainerView hostile = new ContainerView(Views.ID, "x", "", "", List.of("sh", "-c", "\u001b[2J\"\\\n\t"), Map.of("l", "\u001b]0;x\u0007"),
                Views.NOW, Views.NOW, null, State.RUNNING, 0, false, 1);
        assertThat(printed("{{.Command}}", hostile)).isEqualTo("\"sh -c \\u001b[2J\\\"\\\\\\n\\t\"\n");
        assertThat(printed("{{.Labels}} {{.Label \"l\"}}", hostile)).isEqualTo("l=?]0;x? ?]0;x?\n");
    }

    @Test
    void formats_have_fields_labels_and_json() {
        ContainerView web = Views.running("web");
        assertThat(printed("{{.Names}}: {{ .State }}\\t{{.Label \"tier\"}}{{.Label \"none\"}}", web)).isEqualTo("web: running\tweb\n");
        assertThat(printed("table {{.Names}}\\t{{.Label \"a.b-c\"}}\\t{{.Labels}}", web))
                .isEqualTo("NAMES     b c       LABELS\nweb       d         a.b-c=d,tier=web\n");
        assertThat(printed("{{json .Names}}", web)).isEqualTo("\"web\"\n");
        assertThat(printed("json", web)).isEqualTo(printed("{{json .}}", web)).startsWith("{\"Command\":\"\\\"sleep 1").contains("\"State\":\"running\"");
        assertThat(printed("{{.ID}}", web)).isEqualTo(web.id().substring(0, 12) + "\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{{.Nothing}}", "{{if .Names}}x{{end}}", "{{.Names | upper}}", "{{range .Names}}", "{{json .Label \"a\"}}", "{{.Names \"a\"}}"})
    void what_is_not_supported_is_said(String format) {
        assertThatThrownBy(() -> printed(format)).isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("--format '" + format + "'");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            name=e                      | web killed new
            name=^w                     | web
            name=^/web$                 | web
            name=web name=job           | web job
            status=running              | web
            status=exited status=paused | standing job killed
            status=dead                 |
            exited=3                    | job
            exited=0                    |
            label=tier                  | web standing job killed new
            label=tier=web label=none   |
            label=tier=db               |
            ancestor=debian:13          | web standing job killed new
            ancestor=debian             |
            ancestor=0123456789ab       | web standing job killed new
            status=exited exited=137    | killed
            """)
    void filters_are_dockers(String filters, String names) {
        PsFilter filter = new PsFilter(Arrays.asList(filters.split(" ")));
        assertThat(ALL.stream().filter(filter).map(ContainerView::name)).containsExactly(names == null ? new String[0] : names.split(" "));
    }

    @Test
    void ids_are_filtered_by_their_beginning() {
        String id = ALL.get(1).id();
        assertThat(ALL.stream().filter(new PsFilter(List.of("id=" + id.substring(0, 7))))).containsExactly(ALL.get(1));
        assertThat(ALL.stream().filter(new PsFilter(List.of("id=" + id.substring(1))))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"status=runnin", "exited=x", "volume=x", "name=["})
    void wrong_filters_are_refused(String filter) {
        assertThatThrownBy(() -> new PsFilter(List.of(filter))).hasMessageStartingWith("invalid filter '");
    }

    @Test
    void only_status_asks_for_those_that_have_ended() {
        assertThat(new PsFilter(List.of("status=exited")).hasStatus()).isTrue();
        assertThat(new PsFilter(List.of("name=x", "exited=0")).hasStatus()).isFalse();
    }

    @Test
    void a_time_that_is_not_known_is_now() {
        ContainerView one = Views.view("x", State.EXITED, null, null, 1);
        assertThat(printed("{{.Status}}", one)).isEqualTo("Exited (1) Less than a second ago\n");
        assertThat(printed("{{.Status}}", Views.view("x", State.DEAD, Instant.EPOCH, null, 0))).isEqualTo("Dead\n");
    }
}
