// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.registry;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What a registry asks for in `WWW-Authenticate`: a scheme and its parameters, as RFC 9110 writes them.
///
/// @param scheme in lower case: `bearer` or `basic`
/// @param parameters by their names in lower case
record Challenge(String scheme, Map<String, String> parameters) {
    private static final int LONGEST = 8192;

    /// The challenges of all headers; what can't be read is left out.
    static List<Challenge> parse(List<String> headers) {
        List<Challenge> challenges = new ArrayList<>();
        for (String header : headers) {
            if (header.length() <= LONGEST) {
                new Reader(header).read(challenges);
            }
        }
        return challenges;
    }

    private static final class Reader {
        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        void read(List<Challenge> challenges) {
            while (at < text.length()) {
                skip(" \t,");
                String scheme = token();
                if (scheme.isEmpty()) {
                    return;
                }
                Challenge challenge = new Challenge(scheme.toLowerCase(Locale.ROOT), new LinkedHashMap<>());
                if (!parameters(challenge.parameters)) {
                    return;
                }
                challenges.add(challenge);
            }
        }

        /// Reads parameters until the next scheme or the end; false if they can't be read.
        private boolean parameters(Map<String, String> parameters) {
            while (true) {
                skip(" \t,");
                int start = at;
                String name = token();
                skip(" \t");
                if (name.isEmpty() || at == text.length() || text.charAt(at) != '=') {
                    at = start;
                    return at == text.length() || !name.isEmpty();
                }
                at++;
                skip(" \t");
                boolean quoted = at < text.length() && text.charAt(at) == '"';
                String value = quoted ? quoted() : token();
                if (value == null || parameters.put(name.toLowerCase(Locale.ROOT), value) != null) {
                    return false;
                }
            }
        }

        private void skip(String characters) {
            while (at < text.length() && characters.indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }

        private String token() {
            int start = at;
            while (at < text.length() && text.charAt(at) > ' ' && "()<>@,;\\\"[]?={}".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            return text.substring(start, at);
        }

        private @org.jspecify.annotations.Nullable String quoted() {
            StringBuilder value = new StringBuilder();
            for (at++; at < text.length(); at++) {
                char c = text.charAt(at);
                if (c == '"') {
                    at++;
                    return value.toString();
                }
                if (c == '\\' && at + 1 < text.length()) {
                    at++;
                }
                value.append(text.charAt(at));
            }
            return null;
        }
    }
}
