// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.change;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Words as a Dockerfile has them: with quotes, backslashes and variables.
final class Words {
    private final String text;
    private final Map<String, String> variables;
    private int at;

    private Words(String text, Map<String, String> variables) {
        this.text = text;
        this.variables = variables;
    }

    /// The words between spaces, without their quotes, with their variables replaced.
    static List<String> split(String text, Map<String, String> variables) {
        Words words = new Words(text, variables);
        List<String> all = new ArrayList<>();
        for (words.blanks(); words.at < text.length(); words.blanks()) {
            all.add(words.word(true));
        }
        return all;
    }

    /// The whole as one word.
    static String one(String text, Map<String, String> variables) {
        return new Words(text.strip(), variables).word(false);
    }

    private void blanks() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }

    private String word(boolean endsAtBlank) {
        StringBuilder word = new StringBuilder();
        char quote = 0;
        while (at < text.length() && (quote != 0 || !endsAtBlank || !Character.isWhitespace(text.charAt(at)))) {
            char c = text.charAt(at++);
            if (c == quote) {
                quote = 0;
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
            } else if (c == '\\' && quote != '\'' && at < text.length()) {
                escaped(word, quote);
            } else if (c == '$' && quote != '\'') {
                variable(word);
            } else {
                word.append(c);
            }
        }
        if (quote != 0) {
            throw new IllegalArgumentException("a quote is not closed in '" + text + "'");
        }
        return word.toString();
    }

    private void escaped(StringBuilder word, char quote) {
        char c = text.charAt(at++);
        if (quote == '"' && c != '"' && c != '\\' && c != '$') {
            word.append('\\');
        }
        word.append(c);
    }

    private void variable(StringBuilder word) {
        boolean braces = at < text.length() && text.charAt(at) == '{';
        int from = braces ? at + 1 : at;
        int end = from;
        while (end < text.length() && isNamePart(text.charAt(end), end > from)) {
            end++;
        }
        if (end == from && !braces) {
            word.append('$');
            return;
        }
        String name = text.substring(from, end);
        at = end;
        word.append(braces ? inBraces(name) : variables.getOrDefault(name, ""));
    }

    private static boolean isNamePart(char c, boolean later) {
        return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || later && c >= '0' && c <= '9';
    }

    /// `${NAME}`, `${NAME:-otherwise}` or `${NAME:+instead}`.
    private String inBraces(String name) {
        int end = text.indexOf('}', at);
        String rest = end < 0 ? "" : text.substring(at, end);
        boolean known = rest.isEmpty() || rest.startsWith(":-") || rest.startsWith(":+");
        if (end < 0 || name.isEmpty() || !known) {
            throw new IllegalArgumentException("'" + text + "' has a variable that is none: there is ${NAME}, ${NAME:-X} and ${NAME:+X}");
        }
        at = end + 1;
        String value = variables.getOrDefault(name, "");
        if (rest.startsWith(":+")) {
            return value.isEmpty() ? "" : rest.substring(2);
        }
        return value.isEmpty() && !rest.isEmpty() ? rest.substring(2) : value;
    }
}
