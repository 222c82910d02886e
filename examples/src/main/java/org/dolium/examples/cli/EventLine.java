// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.dolium.oci.change.Inspection;

/// Something that has happened to a container.
///
/// @param action in Docker's words
/// @param attributes what is told besides the image, the name and the labels
record EventLine(Instant time, String action, ContainerView container, Map<String, String> attributes) {
    private static final long NANOS = 1_000_000_000;

    private Map<String, String> all() {
        Map<String, String> all = new TreeMap<>(container.labels());
        all.put("image", container.image());
        all.put("name", container.name());
        all.putAll(attributes);
        return all;
    }

    /// `2015-12-28T21:49:57.517210492+01:00 container die 0fdb… (exitCode=0, image=alpine, name=test)`.
    String text() {
        String words = all().entrySet().stream().map(one -> one.getKey() + "=" + one.getValue()).collect(Collectors.joining(", "));
        return (TimeText.local(time) + " container " + action + " " + container.id() + " (" + words + ")").replaceAll("\\p{Cntrl}", "?");
    }

    /// In the words of a template, see [Inspection#format]; or as JSON.
    String format(String template) {
        Map<String, Object> actor = new LinkedHashMap<>();
        actor.put("ID", container.id());
        actor.put("Attributes", all());
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("status", action);
        event.put("id", container.id());
        event.put("from", container.image());
        event.put("Type", "container");
        event.put("Action", action);
        event.put("Actor", actor);
        event.put("scope", "local");
        event.put("time", time.getEpochSecond());
        event.put("timeNano", time.getEpochSecond() * NANOS + time.getNano());
        return Inspection.format(template.equals("json") ? "{{json .}}" : template, event).replaceAll("[\\p{Cntrl}&&[^\n\t]]", "?");
    }

    /// Whether it is among what is wanted; of several filters with one key one must hold, and every key.
    boolean matches(Map<String, List<String>> filters) {
        return filters.entrySet().stream().allMatch(filter -> filter.getValue().stream().anyMatch(value -> switch (filter.getKey()) {
            case "event" -> action.equals(value);
            case "container" -> container.name().equals(value) || container.id().startsWith(value);
            case "image" -> container.image().equals(value);
            case "label" -> value.indexOf('=') < 0
                    ? container.labels().containsKey(value)
                    : value.substring(value.indexOf('=') + 1).equals(container.labels().get(value.substring(0, value.indexOf('='))));
            default -> value.equals("container"); // type
        }));
    }
}
