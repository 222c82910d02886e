// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.dolium.container.Bind;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.MemorySize;
import org.dolium.container.Tmpfs;
import org.jspecify.annotations.Nullable;

/// Reads mounts as Docker writes them: `--volume`, `--tmpfs` and `--mount`.
final class MountText {
    private static final Map<String, String> LONG_NAMES = Map.of(
            "src", "source", "dst", "target", "destination", "target", "ro", "readonly");
    private static final Set<String> BIND_KEYS = Set.of("type", "source", "target", "readonly");
    private static final Set<String> TMPFS_KEYS = Set.of("type", "target", "tmpfs-size", "tmpfs-mode");
    /// What every mount of ours has anyway.
    private static final Set<String> ALWAYS = Set.of("rw", "nosuid", "nodev", "noexec");

    private MountText() {}

    /// `SRC:DST`, with options after another colon.
    static Bind volume(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length < 2 || parts.length > 3 || parts[0].isEmpty() || parts[1].isEmpty()) {
            throw new IllegalArgumentException("volume '" + text + "' is not SRC:DST[:ro]");
        }
        if (!parts[0].startsWith("/") && !parts[0].startsWith(".")) {
            throw new IllegalArgumentException("volume '" + text
                    + "': there are no named volumes; the path of a directory begins with / or ./");
        }
        Bind bind = Bind.of(Path.of(parts[0]).normalize(), parts[1]);
        for (String option : parts.length == 2 ? new String[0] : parts[2].split(",", -1)) {
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

    /// `DST` with options after a colon: `size`, `mode` (octal), `nr_inodes`, `exec`.
    static void tmpfs(String text, ContainerBuilder builder) {
        int colon = text.indexOf(':');
        Tmpfs memory = Tmpfs.of(colon < 0 ? text : text.substring(0, colon));
        for (String option : colon < 0 ? new String[0] : text.substring(colon + 1).split(",", -1)) {
            int equals = option.indexOf('=') + 1;
            memory = switch (option.substring(0, equals)) {
                case "size=" -> memory.size(MemorySize.parse(option.substring(equals)));
                case "mode=" -> memory.mode((int) number(text, option.substring(equals), 8));
                case "nr_inodes=" -> memory.inodes(number(text, option.substring(equals), 10));
                default -> flag(text, option, memory);
            };
        }
        builder.mount(memory);
    }

    private static Tmpfs flag(String text, String option, Tmpfs memory) {
        if (option.equals("exec")) {
            return memory.executable();
        }
        if (!ALWAYS.contains(option)) {
            throw new IllegalArgumentException("tmpfs '" + text + "': unknown option '" + option
                    + "'; there are size=, mode=, nr_inodes= and exec, and rw, nosuid and nodev are always so");
        }
        return memory;
    }

    private static long number(String text, String digits, int radix) {
        try {
            return Long.parseLong(digits, radix);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("tmpfs '" + text + "': '" + digits + "' is not a number", e);
        }
    }

    /// `type=bind,source=SRC,target=DST[,readonly]` or `type=tmpfs,target=DST[,tmpfs-size=64m,tmpfs-mode=1777]`.
    static void mount(String text, ContainerBuilder builder) {
        Map<String, String> keys = keys(text);
        switch (String.valueOf(keys.get("type"))) {
            case "bind" -> {
                check(text, keys, BIND_KEYS);
                Path source = Path.of(required(text, keys, "source")).normalize();
                Bind bind = Bind.of(source, required(text, keys, "target"));
                builder.mount(flag(text, keys.get("readonly")) ? bind.readOnly() : bind);
            }
            case "tmpfs" -> {
                check(text, keys, TMPFS_KEYS);
                Tmpfs memory = Tmpfs.of(required(text, keys, "target"))
                        .size(MemorySize.parse(keys.getOrDefault("tmpfs-size", "64m")))
                        .mode((int) number(text, keys.getOrDefault("tmpfs-mode", "1777"), 8));
                builder.mount(memory);
            }
            default -> throw new IllegalArgumentException("mount '" + text + "' needs type=bind or type=tmpfs");
        }
    }

    private static Map<String, String> keys(String text) {
        Map<String, String> keys = new LinkedHashMap<>();
        for (String field : text.split(",", -1)) {
            int equals = field.indexOf('=');
            String key = equals < 0 ? field : field.substring(0, equals);
            keys.put(LONG_NAMES.getOrDefault(key, key), equals < 0 ? "true" : field.substring(equals + 1));
        }
        return keys;
    }

    private static void check(String text, Map<String, String> keys, Set<String> known) {
        for (String key : keys.keySet()) {
            if (!known.contains(key)) {
                throw new IllegalArgumentException("mount '" + text + "': unknown key '" + key + "'");
            }
        }
    }

    private static String required(String text, Map<String, String> keys, String key) {
        String value = keys.get(key);
        if (value == null || value.isEmpty()) {
            throw new IllegalArgumentException("mount '" + text + "' has no " + key + "=");
        }
        return value;
    }

    private static boolean flag(String text, @Nullable String value) {
        return switch (value) {
            case null -> false;
            case "true", "1" -> true;
            case "false", "0" -> false;
            default -> throw new IllegalArgumentException("mount '" + text + "': '" + value + "' is not true or false");
        };
    }
}
