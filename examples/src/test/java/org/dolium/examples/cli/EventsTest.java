// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.dolium.examples.cli.ContainerView.State;
import org.junit.jupiter.api.Test;

/// What `dolium events` finds out between two looks at the containers.
class EventsTest {
    private static final Instant NOW = Views.NOW;

    private final EventWatcher watcher = new EventWatcher();

    private List<String> look(ContainerView... containers) {
        return watcher.look(List.of(containers), NOW).stream().map(event -> event.container().name() + " " + event.action()).toList();
    }

    @Test
    void what_has_happened_before_is_told_at_the_first_look_in_its_order() {
        assertThat(look(Views.exited("job", 0), Views.running("web"), Views.created("new")))
                .containsExactly("job create", "web create", "new create", "job start", "web start", "job die");
        assertThat(look(Views.exited("job", 0), Views.running("web"), Views.created("new"))).isEmpty();
    }

    @Test
    void a_life_is_told() {
        look();
        assertThat(look(Views.created("a"))).containsExactly("a create");
        assertThat(look(Views.running("a"))).containsExactly("a start");
        assertThat(look(Views.view("a", State.PAUSED, NOW.minusSeconds(180), null, 0))).containsExactly("a pause");
        assertThat(look(Views.running("a"))).containsExactly("a unpause");
        assertThat(look(Views.exited("a", 3))).containsExactly("a die");
        assertThat(look(Views.view("a", State.RUNNING, NOW.minusSeconds(1), null, 0))).containsExactly("a start");
        assertThat(look()).containsExactly("a destroy");
    }

    @Test
    void what_came_and_went_between_two_looks_is_told_if_it_is_still_there() {
        look();
        assertThat(look(Views.exited("quick", 137))).containsExactly("quick create", "quick start", "quick oom", "quick die");
        assertThat(look(Views.view("quick", State.EXITED, NOW.minusSeconds(2), NOW.minusSeconds(1), 0))).containsExactly("quick start", "quick die");
    }

    @Test
    void another_name_is_told_with_the_old_one() {
        ContainerView old = Views.running("a");
        ContainerView now = new ContainerView(old.id(), "b", old.image(), old.imageId(), old.command(), old.labels(), old.created(), old.started(),
                null, State.RUNNING, 0, false, 1);
        watcher.look(List.of(old), NOW);
        EventLine event = watcher.look(List.of(now), NOW).get(0);
        assertThat(event.action()).isEqualTo("rename");
        assertThat(event.text()).endsWith("(a.b-c=d, image=debian:13, name=b, oldName=/a, tier=web)");
    }

    @Test
    void events_are_printed_as_docker_does() {
        ContainerView job = Views.exited("job", 3);
        EventLine die = new EventLine(NOW, "die", job, Map.of("exitCode", "3"));
        assertThat(die.text()).isEqualTo(TimeText.local(NOW) + " container die " + job.id()
                + " (a.b-c=d, exitCode=3, image=debian:13, name=job, tier=web)");
        assertThat(die.format("{{.Action}} {{.Actor.Attributes.exitCode}} {{.Type}} {{.timeNano}}"))
                .isEqualTo("die 3 container 1795348800123456789");
        assertThat(die.format("json")).startsWith("{\"status\":\"die\",\"id\":\"" + job.id() + "\",\"from\":\"debian:13\",\"Type\":\"container\"");
    }

    @Test
    void filters_are_dockers() {
        EventLine die = new EventLine(NOW, "die", Views.exited("job", 3), Map.of());
        assertThat(die.matches(Map.of())).isTrue();
        assertThat(die.matches(Map.of("event", List.of("start", "die"), "container", List.of("job")))).isTrue();
        assertThat(die.matches(Map.of("event", List.of("start")))).isFalse();
        assertThat(die.matches(Map.of("label", List.of("tier=web"), "image", List.of("debian:13"), "type", List.of("container")))).isTrue();
        assertThat(die.matches(Map.of("type", List.of("network")))).isFalse();
        assertThat(die.matches(Map.of("label", List.of("tier=db")))).isFalse();
    }
}
