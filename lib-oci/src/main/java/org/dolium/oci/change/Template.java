// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.change;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The part of Go's templates that commands of Docker are mostly given: `{{.A.B}}`, `{{json .A}}`, `{{len .A}}`, `{{index .A 0}}`,
/// `{{index .A "key"}}` and `{{join .A ","}}`. There are no pipes, conditions or loops: they are refused.
final class Template {
    private Template() {}

    static String fill(String template, JsonNode root) {
        StringBuilder out = new StringBuilder();
        int at = 0;
        for (int open = template.indexOf("{{"); open >= 0; open = template.indexOf("{{", at)) {
            int close = template.indexOf("}}", open);
            if (close < 0) {
                throw new IllegalArgumentException("template '" + template + "': an action is not closed");
            }
            out.append(text(template.substring(at, open))).append(action(template.substring(open + 2, close).strip(), root));
            at = close + 2;
        }
        return out.append(text(template.substring(at))).toString();
    }

    private static String text(String text) {
        return text.replace("\\n", "\n").replace("\\t", "\t");
    }

    private static String action(String action, JsonNode root) {
        List<String> words = words(action);
        String first = words.isEmpty() ? "" : words.get(0);
        boolean path = words.size() > 1 && words.get(1).startsWith(".");
        if (words.size() == 1 && first.startsWith(".")) {
            return shown(find(root, first, action));
        }
        if (path && words.size() == 2 && first.equals("json")) {
            return find(root, words.get(1), action).isMissingNode() ? "null" : find(root, words.get(1), action).toString();
        }
        if (path && words.size() == 2 && first.equals("len")) {
            JsonNode value = find(root, words.get(1), action);
            return Integer.toString(value.isTextual() ? value.textValue().length() : value.size());
        }
        if (path && words.size() == 3 && first.equals("index")) {
            return shown(element(find(root, words.get(1), action), words.get(2), action));
        }
        if (path && words.size() == 3 && first.equals("join") && words.get(2).startsWith("\"")) {
            List<String> texts = new ArrayList<>();
            find(root, words.get(1), action).forEach(one -> texts.add(shown(one)));
            return String.join(words.get(2).substring(1, words.get(2).length() - 1), texts);
        }
        throw unknown(action);
    }

    private static IllegalArgumentException unknown(String action) {
        return new IllegalArgumentException("template '{{" + action + "}}' is not known; there is {{.A.B}}, {{json .A}}, {{len .A}},"
                + " {{index .A 0}}, {{index .A \"key\"}} and {{join .A \",\"}}");
    }

    private static List<String> words(String action) {
        List<String> words = new ArrayList<>();
        for (int at = 0; at < action.length(); ) {
            if (action.charAt(at) == ' ') {
                at++;
                continue;
            }
            boolean quoted = action.charAt(at) == '"';
            int end = action.indexOf(quoted ? '"' : ' ', at + 1);
            if (end < 0 && quoted) {
                throw unknown(action);
            }
            end = end < 0 ? action.length() : quoted ? end + 1 : end;
            words.add(action.substring(at, end));
            at = end;
        }
        return words;
    }

    private static JsonNode find(JsonNode root, String path, String action) {
        JsonNode at = root;
        if (path.equals(".")) {
            return at;
        }
        for (String name : path.substring(1).split("\\.", -1)) {
            if (name.isEmpty() || !name.chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '_')) {
                throw unknown(action);
            }
            JsonNode next = at.path(name);
            if (next.isMissingNode() && at == root) {
                throw new IllegalArgumentException("template '{{" + action + "}}': there is no '" + name + "'");
            }
            at = next;
        }
        return at;
    }

    private static JsonNode element(JsonNode of, String key, String action) {
        if (key.startsWith("\"")) {
            return of.path(key.substring(1, key.length() - 1));
        }
        if (key.isEmpty() || key.length() > 6 || !key.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw unknown(action);
        }
        JsonNode found = of.path(Integer.parseInt(key));
        if (found.isMissingNode()) {
            throw new IllegalArgumentException("template '{{" + action + "}}': there is no element " + key);
        }
        return found;
    }

    /// As Go prints values.
    private static String shown(JsonNode value) {
        if (value instanceof MissingNode) {
            return "<no value>";
        }
        if (value.isArray()) {
            List<String> all = new ArrayList<>();
            value.forEach(one -> all.add(shown(one)));
            return "[" + String.join(" ", all) + "]";
        }
        if (value.isObject()) {
            Map<String, String> all = new TreeMap<>();
            value.properties().forEach(one -> all.put(one.getKey(), one.getKey() + ":" + (one.getValue().isObject() && one.getValue().isEmpty() ? "{}" : shown(one.getValue()))));
            return "map[" + String.join(" ", all.values()) + "]";
        }
        return value.isNull() ? "<nil>" : value.asText();
    }
}
