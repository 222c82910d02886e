// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.dolium.container.Containers;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `dolium events`: tells what happens to containers.
@Command(
        name = "events",
        usageHelpAutoWidth = true,
        description = "Tells what happens to detached containers: create, start, oom, die, pause, unpause, rename and destroy. There is no"
                + " daemon that notes it: the containers are looked at four times in a second, and what lasts shorter may be missed,"
                + " but not the end of one that is still listed.")
final class EventsCommand implements ContainerVerb {
    private static final long INTERVAL_MILLIS = 250;
    private static final Set<String> KEYS = Set.of("container", "event", "image", "label", "type");

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--since", paramLabel = "TIME",
            description = "Also what happened since a time, as 2026-01-02T13:23:37Z or 42m, as far as the containers that are there tell of it")
    private @Nullable String since;

    @Option(names = "--until", paramLabel = "TIME", description = "End at a time (default: never)")
    private @Nullable String until;

    @Option(names = {"-f", "--filter"}, paramLabel = "NAME=VALUE", description = "Only those with container=, event=, image=, label= or type=")
    private List<String> filters = new ArrayList<>();

    @Option(names = "--format", paramLabel = "TEMPLATE",
            description = "'json', or as {{.Action}}, {{.Actor.ID}}, {{.Actor.Attributes.name}}, {{.time}} and {{json .}}")
    private @Nullable String format;

    @Option(names = "--help", usageHelp = true, description = "Print this help")
    private boolean help;

    @Mixin
    private StateOptions state = new StateOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Map<String, List<String>> wanted = filters();
        Instant begin = Instant.now();
        Instant from = since == null ? begin : TimeText.parse("since", since, begin);
        Instant end = until == null ? Instant.MAX : TimeText.parse("until", until, begin);
        Containers containers = state.open();
        Unreadable unreadable = new Unreadable(spec);
        EventWatcher watcher = new EventWatcher(unreadable::has);
        boolean first = true;
        while (true) {
            Instant now = Instant.now();
            for (EventLine event : watcher.look(Found.all(containers, unreadable), now)) {
                boolean fresh = !first || !event.time().isBefore(from);
                if (fresh && event.time().isBefore(end) && event.matches(wanted)) {
                    print(event);
                }
            }
            first = false;
            if (!now.isBefore(end)) {
                return unreadable.status();
            }
            Thread.sleep(Math.max(1, Math.min(INTERVAL_MILLIS, end == Instant.MAX ? INTERVAL_MILLIS : Duration.between(now, end).toMillis())));
        }
    }

    private void print(EventLine event) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(format == null ? event.text() : event.format(format));
        out.flush();
    }

    private Map<String, List<String>> filters() {
        Map<String, List<String>> wanted = new LinkedHashMap<>();
        for (String filter : filters) {
            int equals = filter.indexOf('=');
            String key = filter.substring(0, Math.max(equals, 0));
            if (!KEYS.contains(key)) {
                throw new ParameterException(spec.commandLine(), "invalid filter '" + filter + "'; there is container=, event=, image=, label= and type=");
            }
            wanted.computeIfAbsent(key, _ -> new ArrayList<>()).add(filter.substring(equals + 1));
        }
        return wanted;
    }
}
