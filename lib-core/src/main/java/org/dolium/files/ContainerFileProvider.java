// SPDX-License-Identifier: Apache-2.0
package org.dolium.files;

import java.io.IOException;
import java.net.URI;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.LinkOption;
import java.nio.file.NotLinkException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.spi.FileSystemProvider;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.dolium.kernel.DirectoryCalls;
import org.dolium.kernel.Fd;
import org.dolium.kernel.FileStatus;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Errno;
import org.dolium.linux.Quoting;
import org.jspecify.annotations.Nullable;

/// The operations on paths of containers. Each walks its path once, inside the root.
final class ContainerFileProvider extends FileSystemProvider {
    static final String SCHEME = "dolium-container";
    static final ContainerFileProvider ONLY = new ContainerFileProvider();

    private static final int FILE_MODE = 0644;
    private static final int DIRECTORY_MODE = 0755;
    private static final int MOST_LINKS = 40;
    private static final int MOST_NAMES = 1_000_000;

    private ContainerFileProvider() {}

    private static String text(Path path) {
        return ContainerPath.checked(path).toAbsolutePath().toString();
    }

    private static OpenRoot root(Path path) throws IOException {
        return ContainerPath.checked(path).own().root();
    }

    private static boolean follows(Object[] options) {
        return !Arrays.asList(options).contains(LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public String getScheme() {
        return SCHEME;
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> env) {
        throw new UnsupportedOperationException("the files of a container are had from the container");
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        throw new FileSystemNotFoundException("the files of a container are had from the container");
    }

    @Override
    public Path getPath(URI uri) {
        throw new FileSystemNotFoundException("the files of a container are had from the container");
    }

    @SuppressWarnings("unchecked") // as the interface has it, a wrong type fails
    private static int mode(FileAttribute<?>[] attributes, int otherwise) {
        int mode = otherwise;
        for (FileAttribute<?> attribute : attributes) {
            if (!attribute.name().equals("posix:permissions")) {
                throw new UnsupportedOperationException("attribute '" + attribute.name() + "' can't be set when a file is made");
            }
            mode = ContainerFileAttributes.mode((Set<PosixFilePermission>) attribute.value());
        }
        return mode;
    }

    @Override
    public SeekableByteChannel newByteChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        boolean appends = options.contains(StandardOpenOption.APPEND);
        boolean writes = appends || options.contains(StandardOpenOption.WRITE);
        boolean reads = !writes || options.contains(StandardOpenOption.READ);
        boolean truncates = writes && options.contains(StandardOpenOption.TRUNCATE_EXISTING);
        if (options.contains(StandardOpenOption.DELETE_ON_CLOSE) || appends && (truncates || options.contains(StandardOpenOption.READ))) {
            throw new UnsupportedOperationException("options " + options + " are not for the files of containers");
        }
        int mode = mode(attributes, FILE_MODE);
        int flags = (writes ? reads ? DirectoryCalls.O_RDWR : DirectoryCalls.O_WRONLY : 0) | (truncates ? DirectoryCalls.O_TRUNC : 0);
        String text = text(path);
        try (OpenRoot root = root(path)) {
            OpenRoot.Opened opened;
            if (writes && options.contains(StandardOpenOption.CREATE_NEW)) {
                opened = new OpenRoot.Opened(root.create(text, false), true);
            } else if (writes && options.contains(StandardOpenOption.CREATE)) {
                opened = root.openOrCreate(text, false, flags);
            } else {
                opened = new OpenRoot.Opened(root.open(text, follows(options.toArray()), flags), false);
            }
            if (opened.made()) {
                FileFailures.check(root.calls().tryMode(opened.file(), mode), "fchmodat", text);
            }
            return new FdChannel(opened.file(), text, reads, writes, appends);
        }
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path directory, DirectoryStream.Filter<? super Path> filter) throws IOException {
        List<Path> found = new ArrayList<>();
        try (OpenRoot root = root(directory);
                Fd opened = root.openDirectory(text(directory))) {
            List<byte[]> names = new ArrayList<>();
            while (root.calls().names(opened, names)) {
                for (byte[] name : names) {
                    Path path = directory.resolve(FileNames.decode(name));
                    if (filter.accept(path)) {
                        found.add(path);
                    }
                }
                names.clear();
                if (found.size() > MOST_NAMES) {
                    throw new java.nio.file.FileSystemException(Quoting.printable(text(directory)), null, "it has more than " + MOST_NAMES + " names");
                }
            }
        }
        return new Listing(found);
    }

    /// What was in a directory when it was opened.
    private static final class Listing implements DirectoryStream<Path> {
        private final List<Path> paths;
        private boolean given;

        Listing(List<Path> paths) {
            this.paths = paths;
        }

        @Override
        public synchronized java.util.Iterator<Path> iterator() {
            if (given) {
                throw new IllegalStateException("a directory stream has one iterator, and none when it is closed");
            }
            given = true;
            return List.copyOf(paths).iterator();
        }

        @Override
        public synchronized void close() {
            given = true;
        }
    }

    @Override
    public void createDirectory(Path directory, FileAttribute<?>... attributes) throws IOException {
        int mode = mode(attributes, DIRECTORY_MODE);
        String text = text(directory);
        if (text.equals("/")) {
            throw new FileAlreadyExistsException(Quoting.printable(text));
        }
        try (OpenRoot root = root(directory);
                OpenRoot.Place place = root.place(text, false)) {
            FileFailures.check(root.calls().tryMakeDirectory(place.directory(), place.name(), mode), "mkdirat", text);
        }
    }

    @Override
    public void createSymbolicLink(Path link, Path target, FileAttribute<?>... attributes) throws IOException {
        mode(attributes, 0);
        byte[] says = FileNames.encode(target.toString());
        try (OpenRoot root = root(link);
                OpenRoot.Place place = root.place(text(link), false)) {
            FileFailures.check(root.calls().trySymbolicLink(place.directory(), place.name(), says), "symlinkat", text(link));
        }
    }

    @Override
    public void createLink(Path link, Path existing) throws IOException {
        try (OpenRoot root = root(link);
                OpenRoot.Place from = root.place(text(existing), false);
                OpenRoot.Place to = root.place(text(link), false)) {
            long made = root.calls().tryLink(from.directory(), from.name(), to.directory(), to.name());
            FileFailures.check(made, "linkat", text(link));
        }
    }

    @Override
    public Path readSymbolicLink(Path link) throws IOException {
        try (OpenRoot root = root(link);
                Fd handle = root.handle(text(link), false)) {
            if (!root.status(handle).isLink()) {
                throw new NotLinkException(Quoting.printable(text(link)));
            }
            root.checkNotKernels(handle, text(link));
            return ContainerPath.of(ContainerPath.checked(link).own(), FileNames.decode(root.calls().target(handle)));
        }
    }

    @Override
    public void delete(Path path) throws IOException {
        try (OpenRoot root = root(path);
                OpenRoot.Place place = root.place(text(path), false)) {
            long removed = root.calls().tryRemove(place.directory(), place.name(), false);
            if (removed == -Errno.EISDIR.value()) {
                removed = root.calls().tryRemove(place.directory(), place.name(), true);
            }
            FileFailures.check(removed, "unlinkat", text(path));
        }
    }

    @Override
    public void copy(Path source, Path target, CopyOption... options) throws IOException {
        if (ContainerPath.checked(source).own() != ContainerPath.checked(target).own()) {
            throw new UnsupportedOperationException("files are copied from one container to another by way of the host");
        }
        boolean replaces = Arrays.asList(options).contains(StandardCopyOption.REPLACE_EXISTING);
        try (OpenRoot root = root(source);
                Fd handle = root.handle(text(source), follows(options))) {
            FileStatus status = root.status(handle);
            if (isSame(root, status, target)) {
                return;
            }
            if (replaces) {
                deleteIfExists(target);
            }
            if (status.isDirectory()) {
                createDirectory(target);
                return;
            }
            try (OpenRoot.Place place = root.place(text(target), false)) {
                new TreeCopy(root.calls(), root.calls(), CopyRules.standard(), null, 07777)
                        .copy(handle, place.directory(), place.name(), text(target));
            }
        }
    }

    private static boolean isSame(OpenRoot root, FileStatus status, Path other) throws IOException {
        long found = root.tryHandle(text(other), false);
        if (Kernel.failed(found)) {
            return false;
        }
        try (Fd handle = new Fd((int) found)) {
            return root.status(handle).isSame(status);
        }
    }

    @Override
    public void move(Path source, Path target, CopyOption... options) throws IOException {
        List<CopyOption> how = Arrays.asList(options);
        boolean atomic = how.contains(StandardCopyOption.ATOMIC_MOVE);
        boolean replaces = atomic || how.contains(StandardCopyOption.REPLACE_EXISTING);
        if (ContainerPath.checked(source).own() != ContainerPath.checked(target).own()) {
            throw new UnsupportedOperationException("files are copied from one container to another by way of the host");
        }
        long moved;
        try (OpenRoot root = root(source);
                OpenRoot.Place from = root.place(text(source), false);
                OpenRoot.Place to = root.place(text(target), false)) {
            moved = root.calls().tryRename(
                    from.directory(), from.name(), to.directory(), to.name(), replaces ? 0 : DirectoryCalls.RENAME_NOREPLACE);
        }
        if (moved != -Errno.EXDEV.value()) {
            FileFailures.check(moved, "renameat2", text(moved == -Errno.ENOENT.value() ? source : target));
        } else if (atomic) {
            throw new AtomicMoveNotSupportedException(
                    Quoting.printable(text(source)), Quoting.printable(text(target)), "they are on different file systems");
        } else {
            moveByCopy(source, target, replaces);
        }
    }

    private void moveByCopy(Path source, Path target, boolean replaces) throws IOException {
        if (view(source, LinkOption.NOFOLLOW_LINKS).attributes().isDirectory()) {
            throw new java.nio.file.FileSystemException(
                    Quoting.printable(text(source)), Quoting.printable(text(target)), "a directory can't be moved to another file system, or out of a layer");
        }
        copy(source, target, replaces
                ? new CopyOption[] {LinkOption.NOFOLLOW_LINKS, StandardCopyOption.REPLACE_EXISTING}
                : new CopyOption[] {LinkOption.NOFOLLOW_LINKS});
        delete(source);
    }

    @Override
    public boolean isSameFile(Path one, Path other) throws IOException {
        if (one.equals(other)) {
            return true;
        }
        if (!(other instanceof ContainerPath second) || second.own() != ContainerPath.checked(one).own()) {
            return false;
        }
        try (OpenRoot root = root(one);
                Fd first = root.handle(text(one), true);
                Fd next = root.handle(text(other), true)) {
            return root.status(first).isSame(root.status(next));
        }
    }

    @Override
    public boolean isHidden(Path path) {
        Path name = path.getFileName();
        return name != null && name.toString().startsWith(".");
    }

    @Override
    public FileStore getFileStore(Path path) {
        throw new UnsupportedOperationException("the files of containers have no stores");
    }

    /// What the JVM's user may do, which is not what the container may.
    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        int wanted = 0;
        for (AccessMode mode : modes) {
            wanted |= switch (mode) {
                case READ -> 4;
                case WRITE -> 2;
                case EXECUTE -> 1;
            };
        }
        try (OpenRoot root = root(path);
                Fd handle = root.handle(text(path), true)) {
            FileFailures.check(root.calls().tryAccess(handle, wanted), "faccessat", text(path));
        }
    }

    private static ContainerFileView view(Path path, LinkOption... options) {
        return new ContainerFileView(ContainerPath.checked(path), "posix", options);
    }

    @Override
    public <V extends FileAttributeView> @Nullable V getFileAttributeView(Path path, Class<V> type, LinkOption... options) {
        boolean basic = type == BasicFileAttributeView.class;
        String name = basic ? "basic" : type == FileOwnerAttributeView.class ? "owner" : "posix";
        ContainerFileView view = new ContainerFileView(ContainerPath.checked(path), name, options);
        return type.isInstance(view) ? type.cast(view) : null;
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options) throws IOException {
        if (!type.isAssignableFrom(ContainerFileAttributes.class)) {
            throw new UnsupportedOperationException("there are no " + type.getSimpleName() + " of the files of containers");
        }
        return type.cast(view(path, options).attributes());
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) throws IOException {
        int colon = attributes.indexOf(':');
        Map<String, Object> all = view(path, options).attributes().of(colon < 0 ? "basic" : attributes.substring(0, colon));
        Map<String, Object> wanted = new LinkedHashMap<>();
        for (String name : attributes.substring(colon + 1).split(",", -1)) {
            if (name.equals("*")) {
                return all;
            }
            if (!all.containsKey(name)) {
                throw new IllegalArgumentException("there is no attribute '" + name + "' in '" + attributes + "'");
            }
            wanted.put(name, all.get(name));
        }
        return wanted;
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) throws IOException {
        view(path, options).set(attribute.substring(attribute.indexOf(':') + 1), value);
    }

    /// Follows links one by one: what it gives is how it was, and whoever uses it walks the path anew.
    Path realPath(ContainerPath path, LinkOption... options) throws IOException {
        checkAccess(path);
        if (!follows(options)) {
            return path.toAbsolutePath().normalize();
        }
        Deque<Path> left = new ArrayDeque<>();
        path.toAbsolutePath().forEach(left::add);
        Path real = path.getFileSystem().getPath("/");
        for (int links = 0; !left.isEmpty(); ) {
            Path name = left.remove();
            Path next = real.resolve(name).normalize();
            if (!view(next, LinkOption.NOFOLLOW_LINKS).attributes().isSymbolicLink()) {
                real = next;
                continue;
            }
            if (++links > MOST_LINKS) {
                throw new FileSystemLoopException(Quoting.printable(path.toString()));
            }
            Path target = readSymbolicLink(next);
            real = target.isAbsolute() ? path.getFileSystem().getPath("/") : real;
            List<Path> parts = new ArrayList<>();
            target.forEach(parts::add);
            for (int i = parts.size() - 1; i >= 0; i--) {
                left.push(parts.get(i));
            }
        }
        return real;
    }
}
