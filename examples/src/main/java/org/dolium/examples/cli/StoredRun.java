// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.dolium.container.ContainerBuilder;
import org.dolium.container.DetachedContainer;
import org.dolium.container.DetachedOptions;
import picocli.CommandLine;

/// What a container was made by: the words of `dolium run` or `dolium create`. It is kept with the container, so that it can be
/// started again.
///
/// @param image as the user called it; empty without one
/// @param imageId the digest of its configuration; empty without one
/// @param remove whether it is removed when it has ended
/// @param options as they are understood everywhere: paths are absolute, and variables have values
/// @param words what follows the image, or the whole command
record StoredRun(String image, String imageId, boolean remove, List<String> options, List<String> words) {
    private static final String NOTE = "run";
    private static final Map<String, List<String>> EXCLUSIVE = Map.of(
            "--cpus", List.of("--cpu-period", "--cpu-quota"), "--cpu-period", List.of("--cpus"), "--cpu-quota", List.of("--cpus"));
    private static final StoredRun UNKNOWN = new StoredRun("", "", false, List.of(), List.of());

    StoredRun {
        options = List.copyOf(options);
        words = List.copyOf(words);
    }

    /// What is known of a container; nothing if another program has made it.
    static StoredRun of(DetachedContainer container) throws IOException {
        return container.note(NOTE).map(StoredRun::parse).orElse(UNKNOWN);
    }

    /// Whether it can be started again by this.
    boolean isKnown() {
        return !equals(UNKNOWN);
    }

    DetachedOptions addTo(DetachedOptions options) {
        return options.note(NOTE, bytes());
    }

    void store(DetachedContainer container) throws IOException {
        container.note(NOTE, bytes());
    }

    /// The same with other values of options.
    StoredRun with(List<String> changed) {
        List<String> all = new ArrayList<>(options);
        for (String option : changed) {
            String name = name(option);
            all.removeIf(old -> name(old).equals(name) || EXCLUSIVE.getOrDefault(name, List.of()).contains(name(old)));
        }
        all.addAll(changed);
        return new StoredRun(image, imageId, remove, all, words);
    }

    private static String name(String option) {
        return option.substring(0, (option + "=").indexOf('='));
    }

    /// Whether a flag was given.
    boolean has(String flag) {
        return options.contains(flag);
    }

    /// The value of an option that can be given once, or a default.
    String option(String name, String otherwise) {
        for (String option : options) {
            if (option.startsWith(name + "=")) {
                return option.substring(name.length() + 1);
            }
        }
        return otherwise;
    }

    /// What is to be started.
    ///
    /// @throws IOException if another program has made the container
    ContainerBuilder builder() throws IOException {
        if (!isKnown()) {
            throw new IOException("the container was not made by 'dolium run' or 'dolium create': only what made it can start it again");
        }
        List<String> line = new ArrayList<>(List.of("create"));
        line.addAll(options);
        if (!image.isEmpty()) {
            line.add("--pull=never");
            line.add(imageId);
        } else {
            line.add("--");
        }
        line.addAll(words);
        CommandLine commandLine = Main.commandLine();
        commandLine.parseArgs(line.toArray(String[]::new));
        CreateCommand create = commandLine.getSubcommands().get("create").getCommand();
        return create.options().detachedBuilder();
    }

    byte[] bytes() {
        StringBuilder text = new StringBuilder();
        add(text, "image", image);
        add(text, "id", imageId);
        add(text, "remove", Boolean.toString(remove));
        options.forEach(option -> add(text, "option", option));
        words.forEach(word -> add(text, "word", word));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void add(StringBuilder text, String key, String value) {
        text.append(key).append('=').append(value).append('\0');
    }

    static StoredRun parse(byte[] bytes) {
        String image = "";
        String id = "";
        boolean remove = false;
        List<String> options = new ArrayList<>();
        List<String> words = new ArrayList<>();
        String text = new String(bytes, StandardCharsets.UTF_8);
        for (String part : text.split("\0")) {
            String value = part.substring(part.indexOf('=') + 1);
            switch (part.substring(0, Math.max(part.indexOf('='), 0))) {
                case "image" -> image = value;
                case "id" -> id = value;
                case "remove" -> remove = Boolean.parseBoolean(value);
                case "option" -> options.add(value);
                case "word" -> words.add(value);
                default -> {} // of a later version
            }
        }
        return new StoredRun(image, id, remove, options, words);
    }
}
