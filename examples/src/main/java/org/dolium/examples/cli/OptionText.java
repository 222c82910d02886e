// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.dolium.container.Bind;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.MemorySize;

/// Reads the values of command-line options in Docker's formats.
final class OptionText {
    private OptionText() {}

    /// `90` (seconds), `500ms`, `30s`, `5m` or `1h`.
    static Duration duration(String text) {
        int digits = 0;
        while (digits < text.length() && Character.isDigit(text.charAt(digits))) {
            digits++;
        }
        if (digits == 0 || digits > 9) {
            throw new IllegalArgumentException("time '" + text + "' is not like 90, 500ms, 30s, 5m or 1h");
        }
        long count = Long.parseLong(text.substring(0, digits));
        Duration time = switch (text.substring(digits)) {
            case "", "s" -> Duration.ofSeconds(count);
            case "ms" -> Duration.ofMillis(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> throw new IllegalArgumentException("time '" + text + "' is not like 90, 500ms, 30s, 5m or 1h");
        };
        if (time.isZero()) {
            throw new IllegalArgumentException("time '" + text + "' is zero");
        }
        return time;
    }

    /// `NAME=VALUE`, or `NAME` for the value that `dolium` itself was given; a name that is unset there stays unset.
    static void environment(String text, ContainerBuilder builder) {
        int equals = text.indexOf('=');
        if (equals == 0 || text.isEmpty()) {
            throw new IllegalArgumentException("environment variable '" + text + "' has no name");
        }
        if (equals > 0) {
            builder.env(text.substring(0, equals), text.substring(equals + 1));
        } else if (System.getenv(text) != null) {
            builder.env(text, System.getenv(text));
        }
    }

    /// The lines of an `--env-file`: variables, blank lines and `#` comments.
    static void environmentFile(List<String> lines, String file, ContainerBuilder builder) {
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).stripLeading();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            int equals = line.indexOf('=');
            String name = equals < 0 ? line : line.substring(0, equals);
            if (name.isEmpty() || name.indexOf(' ') >= 0 || name.indexOf('\t') >= 0) {
                throw new IllegalArgumentException(
                        file + ", line " + (i + 1) + ": '" + name + "' is no name of an environment variable");
            }
            environment(line, builder);
        }
    }

    /// `SRC:DST` with an optional `:ro` or `:rw`.
    static Bind volume(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length < 2 || parts.length > 3 || parts[0].isEmpty() || parts[1].isEmpty()) {
            throw new IllegalArgumentException("volume '" + text + "' is not SRC:DST[:ro]");
        }
        Bind bind = Bind.of(Path.of(parts[0]), parts[1]);
        if (parts.length == 2) {
            return bind;
        }
        for (String option : parts[2].split(",", -1)) {
            switch (option) {
                case "ro" -> bind = bind.readOnly();
                case "noexec" -> bind = bind.noExec();
                case "rw" -> {}
                default -> throw new IllegalArgumentException(
                        "volume '" + text + "': unknown option '" + option + "'; there are ro, rw and noexec");
            }
        }
        return bind;
    }

    /// `DST` with an optional `:size=64m`.
    static void tmpfs(String text, ContainerBuilder builder) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            builder.tmpfs(text);
            return;
        }
        String target = text.substring(0, colon);
        String option = text.substring(colon + 1);
        if (!option.startsWith("size=")) {
            throw new IllegalArgumentException("tmpfs '" + text + "': unknown option '" + option + "'; there is size=");
        }
        builder.tmpfs(target, MemorySize.parse(option.substring(5)));
    }
}
