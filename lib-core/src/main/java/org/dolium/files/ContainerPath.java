// SPDX-License-Identifier: Apache-2.0
package org.dolium.files;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.ProviderMismatchException;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.dolium.linux.Quoting;
import org.jspecify.annotations.Nullable;

/// A path in a container. Only text: nothing is looked at before an operation.
final class ContainerPath implements Path {
    private final ContainerFileSystem fileSystem;
    private final boolean absolute;
    /// One empty name for the empty path, none for the root.
    private final List<String> names;

    private ContainerPath(ContainerFileSystem fileSystem, boolean absolute, List<String> names) {
        this.fileSystem = fileSystem;
        this.absolute = absolute;
        this.names = absolute || !names.isEmpty() ? List.copyOf(names) : List.of("");
    }

    static ContainerPath of(ContainerFileSystem fileSystem, String text) {
        if (text.indexOf('\0') >= 0) {
            throw new InvalidPathException(Quoting.printable(text), "it has a NUL in it");
        }
        List<String> names = new ArrayList<>(Arrays.asList(text.split("/", -1)));
        names.removeIf(String::isEmpty);
        return new ContainerPath(fileSystem, text.startsWith("/"), names);
    }

    static ContainerPath checked(Path path) {
        if (path instanceof ContainerPath own) {
            return own;
        }
        throw new ProviderMismatchException("'" + Quoting.printable(path.toString()) + "' is no path of a container");
    }

    private ContainerPath with(boolean root, List<String> some) {
        return new ContainerPath(fileSystem, root, some);
    }

    private boolean isEmpty() {
        return !absolute && names.get(0).isEmpty();
    }

    @Override
    public FileSystem getFileSystem() {
        return fileSystem;
    }

    ContainerFileSystem own() {
        return fileSystem;
    }

    @Override
    public boolean isAbsolute() {
        return absolute;
    }

    @Override
    public @Nullable Path getRoot() {
        return absolute ? with(true, List.of()) : null;
    }

    @Override
    public @Nullable Path getFileName() {
        return names.isEmpty() ? null : with(false, names.subList(names.size() - 1, names.size()));
    }

    @Override
    public @Nullable Path getParent() {
        if (names.isEmpty() || names.size() == 1 && !absolute) {
            return null;
        }
        return with(absolute, names.subList(0, names.size() - 1));
    }

    @Override
    public int getNameCount() {
        return names.size();
    }

    @Override
    public Path getName(int index) {
        return subpath(index, index + 1);
    }

    @Override
    public Path subpath(int begin, int end) {
        if (begin < 0 || end > names.size() || begin >= end) {
            throw new IllegalArgumentException("there are no names from " + begin + " to " + end + " in '" + Quoting.printable(toString()) + "'");
        }
        return with(false, names.subList(begin, end));
    }

    @Override
    public boolean startsWith(Path other) {
        return other instanceof ContainerPath prefix && prefix.fileSystem == fileSystem && prefix.absolute == absolute
                && prefix.names.size() <= names.size() && prefix.isEmpty() == isEmpty()
                && names.subList(0, prefix.names.size()).equals(prefix.names);
    }

    @Override
    public boolean endsWith(Path other) {
        if (!(other instanceof ContainerPath end) || end.fileSystem != fileSystem || end.isEmpty() != isEmpty()) {
            return false;
        }
        int rest = names.size() - end.names.size();
        return end.absolute ? equals(end) : rest >= 0 && names.subList(rest, names.size()).equals(end.names);
    }

    @Override
    public Path normalize() {
        List<String> normal = new ArrayList<>();
        for (String name : names) {
            boolean up = name.equals("..");
            if (up && !normal.isEmpty() && !normal.get(normal.size() - 1).equals("..")) {
                normal.remove(normal.size() - 1);
            } else if (!name.equals(".") && !name.isEmpty() && !(up && absolute)) {
                normal.add(name);
            }
        }
        return with(absolute, normal);
    }

    @Override
    public Path resolve(Path other) {
        ContainerPath more = checked(other);
        if (more.absolute || isEmpty()) {
            return more;
        }
        if (more.isEmpty()) {
            return this;
        }
        List<String> all = new ArrayList<>(names);
        all.addAll(more.names);
        return with(absolute, all);
    }

    @Override
    public Path relativize(Path other) {
        ContainerPath to = checked(other);
        if (to.absolute != absolute) {
            throw new IllegalArgumentException("only one of '" + Quoting.printable(toString()) + "' and '" + Quoting.printable(other.toString()) + "' is absolute");
        }
        if (isEmpty()) {
            return to;
        }
        int common = 0;
        while (common < Math.min(names.size(), to.names.size()) && names.get(common).equals(to.names.get(common))) {
            common++;
        }
        List<String> way = new ArrayList<>();
        for (int i = common; i < names.size(); i++) {
            way.add("..");
        }
        if (!to.isEmpty()) {
            way.addAll(to.names.subList(common, to.names.size()));
        }
        return with(false, way);
    }

    @Override
    public URI toUri() {
        try {
            return new URI(ContainerFileProvider.SCHEME, null, toAbsolutePath().toString(), null);
        } catch (URISyntaxException e) {
            throw new java.io.IOError(e);
        }
    }

    /// Relative paths are those of the root.
    @Override
    public Path toAbsolutePath() {
        return absolute ? this : with(true, isEmpty() ? List.of() : names);
    }

    @Override
    public Path toRealPath(LinkOption... options) throws IOException {
        return ContainerFileProvider.ONLY.realPath(this, options);
    }

    @Override
    public WatchKey register(WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
        throw new UnsupportedOperationException("files of containers can't be watched");
    }

    @Override
    public int compareTo(Path other) {
        return toString().compareTo(checked(other).toString());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ContainerPath path && path.fileSystem == fileSystem && path.absolute == absolute && path.names.equals(names);
    }

    @Override
    public int hashCode() {
        return names.hashCode() * 2 + (absolute ? 1 : 0);
    }

    @Override
    public String toString() {
        return (absolute ? "/" : "") + String.join("/", names);
    }
}
