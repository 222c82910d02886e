// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a list of containers says about one of them.
///
/// @param whole whether ids and commands are in full length
record PsLine(ContainerView container, boolean whole, Instant now) implements ListFormat.Row {
    /// The values, with the headings of their columns.
    static final Map<String, String> KEYS = keys();

    static final String TABLE = "table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}";
    private static final String NONE = "<none>"; // the host's root file system, or a directory
    private static final int COMMAND = 20;

    private static Map<String, String> keys() {
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("Command", "COMMAND");
        keys.put("CreatedAt", "CREATED AT");
        keys.put("ID", "CONTAINER ID");
        keys.put("Image", "IMAGE");
        keys.put("Labels", "LABELS");
        keys.put("Names", "NAMES");
        keys.put("Ports", "PORTS");
        keys.put("RunningFor", "CREATED");
        keys.put("State", "STATE");
        keys.put("Status", "STATUS");
        return keys;
    }

    @Override
    public String value(String key) {
        return switch (key) {
            case "Command" -> quoted(shortened(String.join(" ", container.command())));
            case "CreatedAt" -> TimeText.listed(container.created());
            case "ID" -> whole ? container.id() : container.shortId();
            case "Image" -> container.image().isEmpty() ? NONE : container.image();
            case "Labels" -> labels();
            case "Names" -> container.name();
            case "RunningFor" -> HumanText.ago(Duration.between(container.created(), now));
            case "State" -> container.state().text();
            case "Status" -> status();
            default -> "";
        };
    }

    @Override
    public String label(String name) {
        return container.labels().getOrDefault(name, "").replaceAll("\\p{Cntrl}", "?");
    }

    private String labels() {
        StringBuilder all = new StringBuilder();
        new TreeMap<>(container.labels()).forEach(
                (name, value) -> all.append(all.isEmpty() ? "" : ",").append(name).append('=').append(value));
        return all.toString().replaceAll("\\p{Cntrl}", "?");
    }

    private String shortened(String text) {
        return whole || text.codePointCount(0, text.length()) <= COMMAND
                ? text
                : text.substring(0, text.offsetByCodePoints(0, COMMAND - 1)) + "…";
    }

    /// As Go quotes a text, so that it can't do anything to a terminal.
    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                case '\r' -> out.append("\\r");
                default -> out.append(Character.isISOControl(c) ? String.format("\\u%04x", (int) c) : String.valueOf(c));
            }
        }
        return out.append('"').toString();
    }

    private String status() {
        return switch (container.state()) {
            case CREATED -> "Created";
            case RUNNING -> "Up " + since(container.started());
            case PAUSED -> "Up " + since(container.started()) + " (Paused)";
            case EXITED -> "Exited (" + container.exitCode() + ") " + since(container.finished()) + " ago";
            case RESTARTING -> "Restarting (" + container.exitCode() + ")" + (container.finished() == null ? "" : " " + since(container.finished()) + " ago");
            case DEAD -> "Dead";
        };
    }

    private String since(@Nullable Instant time) {
        return HumanText.duration(Duration.between(time == null ? now : time, now));
    }
}
