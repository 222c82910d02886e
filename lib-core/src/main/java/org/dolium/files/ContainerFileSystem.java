// SPDX-License-Identifier: Apache-2.0
package org.dolium.files;

import java.io.IOException;
import java.nio.file.ClosedFileSystemException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.nio.file.spi.FileSystemProvider;
import java.util.List;
import java.util.Set;

/// The files of one container as a file system, until the container ends.
final class ContainerFileSystem extends FileSystem {
    private final RootSource source;
    private volatile boolean closed;

    ContainerFileSystem(RootSource source) {
        this.source = source;
    }

    /// The root for one operation.
    OpenRoot root() throws IOException {
        if (closed) {
            throw new ClosedFileSystemException();
        }
        try {
            return source.open();
        } catch (IllegalStateException e) {
            throw (ClosedFileSystemException) new ClosedFileSystemException().initCause(e);
        }
    }

    @Override
    public FileSystemProvider provider() {
        return ContainerFileProvider.ONLY;
    }

    @Override
    public void close() {
        closed = true;
    }

    @Override
    public boolean isOpen() {
        return !closed && source.isAlive();
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public String getSeparator() {
        return "/";
    }

    @Override
    public Iterable<Path> getRootDirectories() {
        return List.of(getPath("/"));
    }

    @Override
    public Iterable<FileStore> getFileStores() {
        return List.of();
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
        return Set.of("basic", "owner", "posix", "unix");
    }

    @Override
    public Path getPath(String first, String... more) {
        StringBuilder text = new StringBuilder(first);
        for (String part : more) {
            if (!part.isEmpty()) {
                text.append(text.isEmpty() ? "" : "/").append(part);
            }
        }
        return ContainerPath.of(this, text.toString());
    }

    @Override
    public PathMatcher getPathMatcher(String syntaxAndPattern) {
        PathMatcher host = FileSystems.getDefault().getPathMatcher(syntaxAndPattern);
        return path -> {
            try {
                return host.matches(Path.of(path.toString()));
            } catch (InvalidPathException e) {
                return false; // the JVM's locale has no such name
            }
        };
    }

    /// An id of the container.
    record Id(long number) implements GroupPrincipal {
        @Override
        public String getName() {
            return Long.toString(number);
        }
    }

    static Id id(UserPrincipal principal) {
        if (principal instanceof Id id) {
            return id;
        }
        throw new java.nio.file.ProviderMismatchException("'" + principal + "' is no user or group of a container");
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
        return new UserPrincipalLookupService() {
            @Override
            public UserPrincipal lookupPrincipalByName(String name) throws IOException {
                return lookupPrincipalByGroupName(name);
            }

            @Override
            public GroupPrincipal lookupPrincipalByGroupName(String name) throws IOException {
                try {
                    return new Id(Integer.parseUnsignedInt(name) & 0xffffffffL);
                } catch (NumberFormatException e) {
                    throw (IOException) new UserPrincipalNotFoundException(name).initCause(e);
                }
            }
        };
    }

    @Override
    public WatchService newWatchService() {
        throw new UnsupportedOperationException("files of containers can't be watched");
    }

    @Override
    public String toString() {
        return "files of a container";
    }
}
