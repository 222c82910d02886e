// SPDX-License-Identifier: Apache-2.0
package org.dolium.process;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Environment variables in order, checked.
public final class Environment {
    private final Map<String, String> variables;

    private Environment(Map<String, String> variables) {
        this.variables = variables;
    }

    /// @throws IllegalArgumentException for an empty name, an `=` in a name, or a NUL anywhere
    public static Environment of(Map<String, String> variables) {
        for (Map.Entry<String, String> variable : variables.entrySet()) {
            check(variable.getKey(), variable.getValue());
        }
        return new Environment(Collections.unmodifiableMap(new LinkedHashMap<>(variables)));
    }

    /// Checks one variable as [#of] does.
    public static void check(String name, String value) {
        if (name.isEmpty() || name.indexOf('=') >= 0 || name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "environment variable name '" + name.replace('\0', '?') + "' is empty or contains '=' or NUL");
        }
        if (value.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("value of environment variable '" + name + "' contains a NUL");
        }
    }

    public Map<String, String> variables() {
        return variables;
    }

    public @Nullable String get(String name) {
        return variables.get(name);
    }

    List<byte[]> bytes() {
        List<byte[]> bytes = new ArrayList<>(variables.size());
        for (Map.Entry<String, String> variable : variables.entrySet()) {
            bytes.add((variable.getKey() + "=" + variable.getValue()).getBytes(StandardCharsets.UTF_8));
        }
        return bytes;
    }
}
