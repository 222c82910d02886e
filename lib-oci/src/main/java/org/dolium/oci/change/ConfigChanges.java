// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.change;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.dolium.oci.image.RunConfig;
import org.dolium.oci.json.JsonFormat;
import org.jspecify.annotations.Nullable;

/// Changes of how an image is run, in the words of a Dockerfile: what `docker commit --change` takes.
final class ConfigChanges {
    private static final JsonFormat FORMAT = new JsonFormat("the list", 4, 1000, 1 << 20, 100_000);
    private static final int MOST = 100_000;

    private @Nullable String user;
    private final Set<String> exposedPorts;
    private final Map<String, String> env = new LinkedHashMap<>();
    private List<String> entrypoint;
    private List<String> cmd;
    private final Set<String> volumes;
    private @Nullable String workingDirectory;
    private final Map<String, String> labels;
    private @Nullable String stopSignal;
    private RunConfig.@Nullable Healthcheck healthcheck;
    private final List<String> onBuild;
    private final RunConfig before;
    private boolean cmdSet;

    private ConfigChanges(RunConfig before) {
        this.before = before;
        user = before.user();
        exposedPorts = new LinkedHashSet<>(before.exposedPorts());
        entrypoint = before.entrypoint();
        cmd = before.cmd();
        volumes = new LinkedHashSet<>(before.volumes());
        workingDirectory = before.workingDirectory();
        labels = new LinkedHashMap<>(before.labels());
        stopSignal = before.stopSignal();
        healthcheck = before.healthcheck();
        onBuild = new ArrayList<>(before.onBuild());
        for (String variable : before.env()) {
            int equals = variable.indexOf('=');
            env.put(equals < 0 ? variable : variable.substring(0, equals), equals < 0 ? "" : variable.substring(equals + 1));
        }
    }

    /// @param instructions one each, as `CMD ["sh"]`
    /// @throws IllegalArgumentException if one is none
    static RunConfig apply(RunConfig before, List<String> instructions) {
        if (instructions.isEmpty()) {
            return before;
        }
        ConfigChanges changes = new ConfigChanges(before);
        for (String instruction : instructions) {
            try {
                changes.apply(instruction.strip());
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("change '" + instruction + "': " + e.getMessage(), e);
            }
        }
        return changes.result();
    }

    private RunConfig result() {
        List<String> variables = new ArrayList<>();
        env.forEach((name, value) -> variables.add(name + "=" + value));
        return new RunConfig(
                user, exposedPorts, variables, entrypoint, cmd, volumes, workingDirectory, labels, stopSignal, before.argsEscaped(),
                healthcheck, onBuild, before.shell(), before.more());
    }

    private void apply(String instruction) {
        int end = 0;
        while (end < instruction.length() && !Character.isWhitespace(instruction.charAt(end))) {
            end++;
        }
        String rest = instruction.substring(end).strip();
        String word = instruction.substring(0, end).toUpperCase(Locale.ROOT);
        if (rest.isEmpty() && !word.equals("CMD") && !word.equals("ENTRYPOINT")) {
            throw new IllegalArgumentException("it says nothing");
        }
        switch (word) {
            case "CMD" -> {
                cmd = command(rest);
                cmdSet = true;
            }
            case "ENTRYPOINT" -> {
                entrypoint = command(rest);
                cmd = cmdSet ? cmd : List.of();
            }
            case "ENV" -> env.putAll(pairs(rest));
            case "LABEL" -> labels.putAll(pairs(rest));
            case "USER" -> user = Words.one(rest, env);
            case "WORKDIR" -> workingDirectory = directory(Words.one(rest, env));
            case "STOPSIGNAL" -> stopSignal = Words.one(rest, env);
            case "EXPOSE" -> Words.split(rest, env).forEach(this::expose);
            case "VOLUME" -> volumes.addAll(rest.startsWith("[") ? list(rest) : Words.split(rest, env));
            case "ONBUILD" -> onBuild.add(trigger(rest));
            case "HEALTHCHECK" -> healthcheck = HealthWords.parse(rest, this::command);
            default -> throw new IllegalArgumentException("there is CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, ONBUILD, STOPSIGNAL,"
                    + " USER, VOLUME and WORKDIR");
        }
    }

    /// A list of words, or a line for the shell.
    private List<String> command(String text) {
        if (text.startsWith("[")) {
            try {
                return list(text);
            } catch (IllegalArgumentException e) {
                // a line, as Docker takes it
            }
        }
        if (text.isEmpty()) {
            return List.of();
        }
        List<String> words = new ArrayList<>(before.shell().isEmpty() ? List.of("/bin/sh", "-c") : before.shell());
        words.add(text);
        return words;
    }

    private static List<String> list(String text) {
        List<String> words = new ArrayList<>();
        FORMAT.parse(text).elements(MOST).forEach(place -> words.add(place.text()));
        return words;
    }

    /// `A=b C="d e"`, or of old `A b`.
    private Map<String, String> pairs(String text) {
        Map<String, String> pairs = new LinkedHashMap<>();
        List<String> words = Words.split(text, env);
        if (words.get(0).indexOf('=') < 0) {
            int blank = text.indexOf(' ');
            if (blank < 0) {
                throw new IllegalArgumentException("'" + text + "' has no value");
            }
            pairs.put(words.get(0), Words.one(text.substring(blank), env));
            return pairs;
        }
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("'" + word + "' is not NAME=VALUE");
            }
            pairs.put(word.substring(0, equals), word.substring(equals + 1));
        }
        return pairs;
    }

    private String directory(String path) {
        String from = workingDirectory == null ? "/" : workingDirectory;
        return java.nio.file.Path.of(from).resolve(path).normalize().toString();
    }

    private void expose(String ports) {
        int slash = ports.indexOf('/');
        String protocol = slash < 0 ? "tcp" : ports.substring(slash + 1).toLowerCase(Locale.ROOT);
        String[] range = (slash < 0 ? ports : ports.substring(0, slash)).split("-", -1);
        int from = port(range[0], ports);
        int to = range.length == 1 ? from : port(range[1], ports);
        if (range.length > 2 || from > to || !Set.of("tcp", "udp", "sctp").contains(protocol)) {
            throw new IllegalArgumentException("'" + ports + "' is no port as 80, 53/udp or 8000-8010");
        }
        for (int port = from; port <= to; port++) {
            exposedPorts.add(port + "/" + protocol);
        }
    }

    private static int port(String text, String ports) {
        int port = 0;
        for (int i = 0; i < text.length() && port < 100_000; i++) {
            int digit = Character.digit(text.charAt(i), 10);
            port = digit < 0 ? 100_000 : port * 10 + digit;
        }
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("'" + ports + "' is no port as 80, 53/udp or 8000-8010");
        }
        return port;
    }

    private static String trigger(String text) {
        String word = text.split("\\s", 2)[0].toUpperCase(Locale.ROOT);
        if (Set.of("ONBUILD", "FROM", "MAINTAINER").contains(word)) {
            throw new IllegalArgumentException(word + " is no trigger");
        }
        return text;
    }
}
