// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.dolium.namespace.IdMap;
import org.dolium.namespace.IdMaps;
import org.jspecify.annotations.Nullable;

/// The file beside an upper directory that tells other JVMs of the same user whose it is: a line for each value, key first.
///
/// It is found without asking the container anything: through the lock that the JVM that started it holds open.
final class LayerRecord {
    private static final String NAME = "container";
    private static final int LARGEST = 1 << 20;
    private static final String PREFIX = "dolium-";

    private LayerRecord() {}

    /// @param directory that of the upper directory, which only this user can enter
    static void write(Path directory, long pid, ContainerLayers layers) throws IOException {
        StringBuilder text = new StringBuilder();
        line(text, "pid", Long.toString(pid));
        line(text, "start", start(pid));
        line(text, "attributes", layers.userAttributes() ? "user" : "trusted");
        if (layers.uids() != null && layers.gids() != null) {
            line(text, "uids", map(layers.uids()));
            line(text, "gids", map(layers.gids()));
        }
        for (int i = 0; i < layers.lower().size(); i++) {
            line(text, "lower", layers.lower().get(i).toString());
        }
        for (Map.Entry<String, String> label : layers.labels().entrySet()) {
            line(text, "label", label.getKey());
            line(text, "value", label.getValue());
        }
        Path part = directory.resolve(NAME + ".new");
        Files.write(part, text.toString().getBytes(StandardCharsets.UTF_8), StandardOpenOption.CREATE_NEW);
        Files.move(part, directory.resolve(NAME));
    }

    private static void line(StringBuilder text, String key, String value) {
        text.append(key).append(' ');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            text.append(c == '\n' ? "\\n" : c == '\\' ? "\\\\" : Character.toString(c));
        }
        text.append('\n');
    }

    private static String map(IdMaps maps) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < maps.extents().size(); i++) {
            IdMap map = maps.extents().get(i);
            text.append(i == 0 ? "" : ",").append(map);
        }
        return text.toString();
    }

    static ContainerLayers find(long pid) throws IOException {
        Path files = Path.of("/proc/" + parent(pid) + "/fd");
        try (DirectoryStream<Path> open = Files.newDirectoryStream(files)) {
            for (Path link : open) {
                ContainerLayers layers = of(link, pid);
                if (layers != null) {
                    return layers;
                }
            }
        } catch (java.nio.file.AccessDeniedException e) {
            throw new IOException("process " + pid + " is of another user", e);
        }
        throw new IOException("what process " + pid + " writes is in no directory of its own on this disk: it was not started on layers"
                + " with their writes on disk (Rootfs.Overlay.upperOnDisk, dolium run --upper)");
    }

    /// @param link a descriptor of the JVM that has started the container
    private static @Nullable ContainerLayers of(Path link, long pid) throws IOException {
        Path target;
        try {
            target = Files.readSymbolicLink(link);
        } catch (IOException e) {
            return null; // it was closed
        }
        Path directory = target.getParent();
        boolean lock = target.endsWith(UpperDirectory.LOCK) && directory != null && directory.getFileName().toString().startsWith(PREFIX);
        if (!lock || directory == null || !isPrivate(directory)) {
            return null;
        }
        Path file = directory.resolve(NAME);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) > LARGEST) {
            return null;
        }
        return read(Files.readString(file).split("\n", -1), directory, pid);
    }

    /// The layers of the container whose upper directory this is, whether it runs or not.
    ///
    /// @return null if nobody has written them down
    static @Nullable ContainerLayers at(Path directory) throws IOException {
        Path file = directory.resolve(NAME);
        if (!isPrivate(directory) || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) > LARGEST) {
            return null;
        }
        return read(Files.readString(file).split("\n", -1), directory, -1);
    }

    /// Forgets what was written down.
    static void delete(Path directory) throws IOException {
        Files.deleteIfExists(directory.resolve(NAME + ".new"));
        Files.deleteIfExists(directory.resolve(NAME));
    }

    /// Nobody else could write it.
    static boolean isPrivate(Path directory) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(directory, LinkOption.NOFOLLOW_LINKS);
        return permissions.size() == 3
                && permissions.contains(PosixFilePermission.OWNER_WRITE)
                && permissions.contains(PosixFilePermission.OWNER_READ)
                && permissions.contains(PosixFilePermission.OWNER_EXECUTE)
                && Files.getAttribute(directory, "unix:uid", LinkOption.NOFOLLOW_LINKS)
                        .equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    }

    /// @param pid whose it has to be, or -1 for anybody's
    private static @Nullable ContainerLayers read(String[] lines, Path directory, long pid) throws IOException {
        Map<String, String> single = new LinkedHashMap<>();
        List<Path> lower = new ArrayList<>();
        Map<String, String> labels = new LinkedHashMap<>();
        String label = "";
        for (String line : lines) {
            int space = line.indexOf(' ');
            String key = space < 0 ? "" : line.substring(0, space);
            String value = unescaped(line.substring(space + 1));
            switch (key) {
                case "lower" -> lower.add(Path.of(value));
                case "label" -> label = value;
                case "value" -> labels.put(label, value);
                default -> single.put(key, value);
            }
        }
        if (pid >= 0 && (!Long.toString(pid).equals(single.get("pid")) || !start(pid).equals(single.get("start")))) {
            return null;
        }
        String uids = single.get("uids");
        String gids = single.get("gids");
        return new ContainerLayers(
                directory.resolve(UpperDirectory.UPPER), lower, "user".equals(single.get("attributes")),
                uids == null ? null : IdMaps.parse(uids), gids == null ? null : IdMaps.parse(gids), labels);
    }

    private static String unescaped(String value) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\\' && i + 1 < value.length()) {
                i++;
                c = value.charAt(i) == 'n' ? '\n' : value.charAt(i);
            }
            text.append(c);
        }
        return text.toString();
    }

    /// When a process was started, in ticks: with its pid, its name on this machine.
    private static String start(long pid) throws IOException {
        return stat(pid)[19];
    }

    private static String parent(long pid) throws IOException {
        return stat(pid)[1];
    }

    /// What follows the command's name; see proc_pid_stat(5).
    private static String[] stat(long pid) throws IOException {
        String text;
        try {
            text = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
        } catch (java.nio.file.NoSuchFileException e) {
            throw new IOException("there is no process " + pid, e);
        }
        return text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
    }
}
