// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// A tree outside of every root file system that no container may change or find; see [#check].
public final class Canary {
    /// What a container must never print.
    public static final String SECRET = "canary-4f1d9c";

    private final Path directory;
    private final Map<String, String> before;

    private Canary(Path directory) throws IOException {
        this.directory = directory;
        this.before = manifest();
    }

    public static Canary make(Path directory) throws IOException {
        Files.writeString(directory.resolve("file"), SECRET);
        Files.createDirectory(directory.resolve("directory"));
        Files.createSymbolicLink(directory.resolve("link"), Path.of("file"));
        Files.createLink(directory.resolve("hard"), directory.resolve("file"));
        return new Canary(directory);
    }

    public Path directory() {
        return directory;
    }

    /// Fails if anything differs from when it was made.
    public void check() throws IOException {
        Map<String, String> now = manifest();
        if (!now.equals(before)) {
            throw new AssertionError("the canary was changed:\n before " + before + "\n now    " + now);
        }
    }

    private Map<String, String> manifest() throws IOException {
        Map<String, String> lines = new TreeMap<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.toList()) {
                Map<String, Object> attributes = Files.readAttributes(
                        file, "unix:mode,uid,gid,size,lastModifiedTime,ctime,ino,nlink", LinkOption.NOFOLLOW_LINKS);
                String content = Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                        ? Arrays.toString(Files.readAllBytes(file))
                        : "";
                lines.put(directory.relativize(file).toString(), new TreeMap<>(attributes) + content);
            }
        }
        return lines;
    }
}
