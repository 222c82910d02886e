// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How a list is printed, in the simple part of Docker's language: `table {{.Name}}\t{{.Size}}`, the same without `table`, or `json`.
/// Of Go's templates there is `{{.Name}}`, `{{json .Name}}`, `{{json .}}` and, where there are labels, `{{.Label "name"}}`.
final class ListFormat {
    private static final Pattern PLACE = Pattern.compile("\\{\\{\\s*(json\\s+)?\\.(\\w*)(?:\\s+\"([^\"]*)\")?\\s*\\}\\}");
    private static final String TABLE = "table ";
    private static final int GAP = 3;
    private static final int NARROWEST = 10; // with the gap

    /// One line of a list.
    interface Row {
        String value(String key);

        /// What stands where the label is asked for.
        default String label(String name) {
            return "";
        }
    }

    private final String text;
    private final boolean table;
    private final Map<String, String> keys;

    /// @param keys the names of the values, with the headings of their columns
    ListFormat(String format, Map<String, String> keys) {
        this.keys = keys;
        this.table = format.startsWith(TABLE) || format.equals("table");
        String body = table ? format.substring(Math.min(format.length(), TABLE.length())) : format;
        this.text = body.equals("json") ? "{{json .}}" : body.replace("\\t", "\t").replace("\\n", "\n");
        Matcher place = PLACE.matcher(text);
        while (place.find()) {
            boolean everything = place.group(1) != null && place.group(2).isEmpty();
            boolean label = place.group(3) != null;
            if (label ? !isLabel(place.group(2)) || place.group(1) != null : !everything && !keys.containsKey(place.group(2))) {
                throw new IllegalArgumentException(
                        "--format '" + format + "': there is no ." + place.group(2) + ", only ." + String.join(", .", keys.keySet()));
            }
        }
        if (PLACE.matcher(text).replaceAll("").contains("{{")) {
            throw new IllegalArgumentException("--format '" + format + "' has more than {{.Name}}, {{json .Name}} and {{json .}}"
                    + (isLabel("Label") ? " and {{.Label \"name\"}}" : "") + ": pipes, conditions, loops and functions are not supported");
        }
    }

    private boolean isLabel(String key) {
        return key.equals("Label") && keys.containsKey("Labels");
    }

    void print(List<? extends Row> rows, PrintWriter out) {
        if (!table) {
            for (Row row : rows) {
                out.println(filled(row));
            }
            return;
        }
        List<String[]> lines = new ArrayList<>();
        lines.add(filled(new Headings(keys)).split("\t", -1));
        for (Row row : rows) {
            lines.add(filled(row).split("\t", -1));
        }
        for (String[] line : lines) {
            StringBuilder padded = new StringBuilder();
            for (int i = 0; i < line.length; i++) {
                padded.append(line[i]).append(i < line.length - 1 ? " ".repeat(width(lines, i) - line[i].length()) : "");
            }
            out.println(padded);
        }
    }

    private static int width(List<String[]> lines, int column) {
        int width = NARROWEST;
        for (String[] line : lines) {
            width = Math.max(width, column < line.length ? line[column].length() + GAP : 0);
        }
        return width;
    }

    private String filled(Row row) {
        return PLACE.matcher(text).replaceAll(place -> Matcher.quoteReplacement(
                place.group(3) != null ? row.label(place.group(3)) : value(row, place.group(1) != null, place.group(2))));
    }

    private String value(Row row, boolean json, String key) {
        if (!json) {
            return row.value(key);
        }
        if (!key.isEmpty()) {
            return quoted(row.value(key));
        }
        List<String> members = new ArrayList<>();
        for (String name : keys.keySet()) {
            members.add(quoted(name) + ":" + quoted(row.value(name)));
        }
        return "{" + String.join(",", members) + "}";
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }

    /// The first line of a table.
    private record Headings(Map<String, String> keys) implements Row {
        @Override
        public String value(String key) {
            return keys.getOrDefault(key, "");
        }

        @Override
        public String label(String name) {
            return name.substring(name.lastIndexOf('.') + 1).replace('-', ' ').replace('_', ' ');
        }
    }
}
