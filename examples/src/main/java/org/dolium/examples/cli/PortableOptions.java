// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/// Options as they mean the same in every directory and environment: paths are absolute, and variables have values.
final class PortableOptions {
    /// Those about this one start, and about what the container is called.
    private static final Set<String> OF_ONE_START =
            Set.of("--cidfile", "--detach", "--detach-keys", "--explain", "--name", "--pull", "--rm", "--state", "--timeout");
    private static final Set<String> PATHS = Set.of("--env-file", "--rootfs", "--store", "--upper");
    private static final String SECCOMP = "seccomp=";

    private PortableOptions() {}

    static List<String> of(ParseResult parsed) {
        List<String> options = new ArrayList<>();
        for (OptionSpec option : parsed.matchedOptionsSet()) {
            String name = option.longestName();
            if (OF_ONE_START.contains(name)) {
                continue;
            }
            if (option.arity().max() == 0) {
                options.add(name);
                continue;
            }
            for (String value : option.originalStringValues()) {
                String portable = portable(name, value);
                if (portable != null) {
                    options.add(name + "=" + portable);
                }
            }
        }
        return options;
    }

    /// Null if it says nothing.
    private static @Nullable String portable(String name, String value) {
        if (PATHS.contains(name)) {
            return absolute(value);
        }
        return switch (name) {
            case "--env" -> value.contains("=") ? value : System.getenv(value) == null ? null : value + "=" + System.getenv(value);
            case "--volume" -> value.startsWith(".") && value.contains(":")
                    ? absolute(value.substring(0, value.indexOf(':'))) + value.substring(value.indexOf(':'))
                    : value;
            case "--mount" -> mount(value);
            case "--security-opt" -> security(value);
            default -> value;
        };
    }

    private static String mount(String value) {
        List<String> fields = new ArrayList<>();
        for (String field : value.split(",", -1)) {
            int equals = field.indexOf('=');
            boolean source = field.startsWith("source=") || field.startsWith("src=");
            fields.add(source && equals < field.length() - 1 ? field.substring(0, equals + 1) + absolute(field.substring(equals + 1)) : field);
        }
        return String.join(",", fields);
    }

    private static String security(String value) {
        String file = value.startsWith(SECCOMP) || value.startsWith("seccomp:") ? value.substring(SECCOMP.length()) : "";
        return !file.isEmpty() && !file.matches("[a-z]+") && Files.exists(Path.of(file)) ? SECCOMP + absolute(file) : value;
    }

    private static String absolute(String path) {
        return Path.of(path).toAbsolutePath().normalize().toString();
    }
}
