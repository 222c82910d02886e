// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.layout;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Regular files below a directory; no link is followed at any place below it.
final class DirectoryFiles implements ImageFiles {
    private final Path root;

    DirectoryFiles(Path root) {
        this.root = root;
    }

    @Override
    public String origin() {
        return "'" + root + "'";
    }

    @Override
    public @Nullable Content open(String path) throws IOException {
        String[] names = path.split("/");
        try (SecureDirectoryStream<Path> top = secure(Files.newDirectoryStream(root))) {
            return open(top, names, 0);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private Content open(SecureDirectoryStream<Path> directory, String[] names, int at) throws IOException {
        Path name = Path.of(names[at]);
        BasicFileAttributes attributes = directory
                .getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes();
        boolean last = at == names.length - 1;
        if (last ? !attributes.isRegularFile() : !attributes.isDirectory()) {
            throw new IOException(
                    "'" + names[at] + "' in " + origin() + " is no " + (last ? "regular file" : "directory"));
        }
        if (last) {
            SeekableByteChannel channel =
                    directory.newByteChannel(name, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
            return new Content(Channels.newInputStream(channel), channel.size());
        }
        try (SecureDirectoryStream<Path> next = directory.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
            return open(next, names, at + 1);
        }
    }

    private static SecureDirectoryStream<Path> secure(DirectoryStream<Path> stream) throws IOException {
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return secure;
        }
        stream.close();
        throw new IOException("the file system has no directories that are opened once");
    }

    @Override
    public void close() {}
}
