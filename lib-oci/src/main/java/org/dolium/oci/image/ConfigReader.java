// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.image;

import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.dolium.oci.image.ImageConfig.HistoryEntry;
import org.dolium.oci.image.ImageConfig.RootFs;
import org.dolium.oci.image.RunConfig.Healthcheck;
import org.dolium.oci.json.JsonFormat;
import org.dolium.oci.json.JsonPlace;
import org.jspecify.annotations.Nullable;

/// Reads image configurations.
final class ConfigReader {
    private static final JsonFormat FORMAT = new JsonFormat("the image configuration", 64, 4096, 2 << 20, 400_000);
    private static final int MOST_WORDS = 100_000;
    private static final int MOST_HISTORY = 10_000;
    private static final int MOST_KEYS = 4096;
    /// What the kernel takes for arguments and environment of a program.
    private static final int MOST_TEXT = 2 << 20;

    private static final Set<String> KEYS = Set.of(
            "created", "author", "architecture", "os", "os.version", "os.features", "variant", "config", "rootfs", "history");
    private static final Set<String> RUN_KEYS = Set.of(
            "User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir", "Labels", "StopSignal", "ArgsEscaped",
            "Healthcheck", "OnBuild", "Shell");
    private static final Set<String> HEALTH_KEYS =
            Set.of("Test", "Interval", "Timeout", "StartPeriod", "StartInterval", "Retries");
    private static final Set<String> ROOTFS_KEYS = Set.of("type", "diff_ids");
    private static final Set<String> HISTORY_KEYS =
            Set.of("created", "created_by", "author", "comment", "empty_layer");

    private ConfigReader() {}

    static ImageConfig read(byte[] bytes) {
        JsonPlace root = FORMAT.parse(bytes, ImageConfig.LIMIT).object();
        JsonPlace run = root.find("config");
        Platform platform = new Platform(
                root.get("os").text(),
                root.get("architecture").text(),
                emptyIsAbsent(root.findText("variant")),
                emptyIsAbsent(root.findText("os.version")),
                root.texts("os.features", MOST_KEYS),
                Map.of());
        return new ImageConfig(
                time(root.find("created")),
                root.findText("author"),
                platform,
                run == null ? RunConfig.EMPTY : run(run.object()),
                rootfs(root.get("rootfs").object()),
                history(root),
                root.others(KEYS));
    }

    private static @Nullable String emptyIsAbsent(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }

    private static RootFs rootfs(JsonPlace rootfs) {
        JsonPlace type = rootfs.get("type");
        if (!type.text().equals("layers")) {
            throw type.unknown("not 'layers', the only kind there is");
        }
        List<Digest> diffIds = new ArrayList<>();
        for (JsonPlace place : rootfs.all("diff_ids", Manifest.MOST_LAYERS)) {
            diffIds.add(DocumentReader.digest(place));
        }
        return new RootFs(diffIds, rootfs.others(ROOTFS_KEYS));
    }

    private static RunConfig run(JsonPlace run) {
        JsonPlace health = run.find("Healthcheck");
        RunConfig config = new RunConfig(
                word(run, "User"),
                set(run, "ExposedPorts"),
                words(run, "Env"),
                words(run, "Entrypoint"),
                words(run, "Cmd"),
                set(run, "Volumes"),
                word(run, "WorkingDir"),
                run.textMap("Labels", MOST_KEYS),
                word(run, "StopSignal"),
                run.flag("ArgsEscaped"),
                health == null ? null : health(health.object()),
                words(run, "OnBuild"),
                words(run, "Shell"),
                run.others(RUN_KEYS));
        long text = length(config.env()) + length(config.entrypoint()) + length(config.cmd());
        if (text > MOST_TEXT) {
            throw run.error("has more than 2 MiB of arguments and environment");
        }
        return config;
    }

    private static long length(List<String> words) {
        long length = 0;
        for (String word : words) {
            length += word.length() + 1L;
        }
        return length;
    }

    /// Strings that end up in system calls, where a NUL would cut them short.
    private static List<String> words(JsonPlace run, String key) {
        List<String> words = new ArrayList<>();
        for (JsonPlace place : run.all(key, MOST_WORDS)) {
            words.add(word(place));
        }
        return words;
    }

    private static @Nullable String word(JsonPlace run, String key) {
        JsonPlace place = run.find(key);
        return place == null ? null : emptyIsAbsent(word(place));
    }

    private static String word(JsonPlace place) {
        if (place.text().indexOf('\0') >= 0) {
            throw place.error("has a NUL character");
        }
        return place.text();
    }

    private static Set<String> set(JsonPlace run, String key) {
        Set<String> set = new LinkedHashSet<>();
        for (Map.Entry<String, JsonPlace> member : run.members(key, MOST_KEYS).entrySet()) {
            JsonPlace value = member.getValue();
            if (!value.node().isNull() && !(value.node().isObject() && value.node().isEmpty())) {
                throw value.error("is no empty object");
            }
            if (member.getKey().indexOf('\0') >= 0) {
                throw value.error("has a NUL character in its key");
            }
            set.add(member.getKey());
        }
        return set;
    }

    private static Healthcheck health(JsonPlace health) {
        return new Healthcheck(
                words(health, "Test"),
                nanoseconds(health, "Interval"),
                nanoseconds(health, "Timeout"),
                nanoseconds(health, "StartPeriod"),
                nanoseconds(health, "StartInterval"),
                nanoseconds(health, "Retries"),
                health.others(HEALTH_KEYS));
    }

    private static long nanoseconds(JsonPlace health, String key) {
        JsonPlace place = health.find(key);
        return place == null ? 0 : place.whole(0, Long.MAX_VALUE);
    }

    private static List<HistoryEntry> history(JsonPlace root) {
        List<HistoryEntry> history = new ArrayList<>();
        for (JsonPlace place : root.all("history", MOST_HISTORY)) {
            history.add(new HistoryEntry(
                    time(place.object().find("created")),
                    place.findText("created_by"),
                    place.findText("author"),
                    place.findText("comment"),
                    place.flag("empty_layer"),
                    place.others(HISTORY_KEYS)));
        }
        return history;
    }

    private static @Nullable String time(@Nullable JsonPlace place) {
        if (place == null) {
            return null;
        }
        try {
            OffsetDateTime.parse(place.text());
            return place.text();
        } catch (DateTimeException e) {
            throw place.unknown("no time as RFC 3339 writes it");
        }
    }
}
