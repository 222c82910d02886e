// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dolium.files.ContainerFiles;

/// What a copy will be called, by the rules of `docker cp`.
final class CopyTarget {
    /// A path where something may be.
    ///
    /// @param text as the user wrote it
    /// @param path absolute, in the container or here
    /// @param parent whether there is a directory above it
    record Place(String text, String path, boolean exists, boolean directory, boolean parent) {}

    private CopyTarget() {}

    static Place inside(ContainerFiles files, String text) throws IOException {
        try (FileSystem system = files.fileSystem()) {
            return place(text, system.getPath("/").resolve(text.isEmpty() ? "/" : text));
        }
    }

    static Place here(String text) {
        return place(text, Path.of(text).toAbsolutePath());
    }

    private static Place place(String text, Path path) {
        Path whole = path.normalize();
        Path parent = whole.getParent();
        return new Place(text, whole.toString(), Files.exists(whole), Files.isDirectory(whole), parent == null || Files.isDirectory(parent));
    }

    /// @param source as the user wrote it; only what is in it is meant if it ends with `/.`
    /// @param directory whether the source is one
    /// @param shown the source, for messages
    static String of(String source, boolean directory, Place target, String shown) throws IOException {
        if (!target.exists()) {
            if (!target.parent() || !directory && target.text().endsWith("/")) {
                throw new IOException("no such directory: " + target.text());
            }
            return target.path();
        }
        if (!target.directory()) {
            if (directory) {
                throw new IOException("cannot copy directory " + shown + " to " + target.text() + ", which is a file");
            }
            return target.path();
        }
        boolean content = directory && (source.endsWith("/.") || source.equals(".") || name(source).isEmpty());
        return content ? target.path() : target.path() + (target.path().endsWith("/") ? "" : "/") + name(source);
    }

    /// The last part of a path.
    private static String name(String path) {
        Path name = Path.of(path.isEmpty() ? "/" : path).normalize().getFileName();
        return name == null ? "" : name.toString();
    }
}
