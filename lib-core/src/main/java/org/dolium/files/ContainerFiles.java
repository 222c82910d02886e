// SPDX-License-Identifier: Apache-2.0
package org.dolium.files;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.dolium.kernel.DirectoryCalls;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Quoting;
import org.jspecify.annotations.Nullable;

/// The files of a running container, as its first process sees them: its root file system with everything that is mounted there.
///
/// Paths are absolute and are resolved inside the container's root by the kernel, links too, also while the container changes them:
/// nothing on the host is read or written but what the caller names. Only regular files are opened, never FIFOs, devices or what is on
/// the kernel's own file systems such as `/proc`.
///
/// All of it is done with the rights of the JVM's user, not of the container's: root reads and writes every file. A link of the
/// container can lead a path to another of its files, but not out. Where the container has another user namespace, what is made belongs
/// to its root; where the JVM is a plain user, to the user that the JVM's is inside. Read-only mounts stay read-only.
///
/// ```java
/// container.files().write("/etc/app.conf", "verbose = true\n");
/// container.files().copyOut("/var/log", Path.of("target/log"));
/// ```
///
/// Methods may be called from any thread. They throw an [IllegalStateException] when the container has ended.
public final class ContainerFiles {
    private static final int MOST = 16 << 20;
    private static final int CHUNK = 1 << 16;
    private static final int DEFAULT_MODE = 0644;
    private static final int ALL = 07777;
    private static final int WITHOUT_SPECIAL = 0777;

    private final RootSource source;

    private ContainerFiles(RootSource source) {
        this.source = source;
    }

    /// The files of a process that has a root file system of its own. For containers there is
    /// `Container.files()`.
    ///
    /// @param alive whether the pid is still that process's; asked after each use of it
    public static ContainerFiles ofProcess(long pid, BooleanSupplier alive) {
        return new ContainerFiles(new RootSource(pid, alive));
    }

    /// The content of a file, at most 16 MiB.
    public byte[] read(String path) throws IOException {
        return read(path, MOST);
    }

    /// The content of a file.
    ///
    /// @throws FileSystemException if it is longer than `most` bytes
    public byte[] read(String path, int most) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (InputStream in = inputStream(path)) {
            byte[] chunk = new byte[CHUNK];
            for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
                if (length > most - out.size()) {
                    throw new FileSystemException(Quoting.printable(path), null, "it is longer than " + most + " bytes");
                }
                out.write(chunk, 0, length);
            }
        }
        return out.toByteArray();
    }

    /// The content of a file in UTF-8, at most 16 MiB.
    public String readString(String path) throws IOException {
        return new String(read(path), StandardCharsets.UTF_8);
    }

    /// A file for reading. It may be as long as the container likes. To be closed, also when the container has ended.
    public InputStream inputStream(String path) throws IOException {
        try (OpenRoot root = source.open()) {
            return Channels.newInputStream(new FdChannel(root.open(path, true, 0), path, true, false, false));
        }
    }

    /// Writes a file; see [#outputStream(String)].
    public void write(String path, byte[] content) throws IOException {
        write(path, content, CopyRules.standard());
    }

    /// Writes a file in UTF-8; see [#outputStream(String)].
    public void write(String path, String content) throws IOException {
        write(path, content.getBytes(StandardCharsets.UTF_8));
    }

    /// Writes a file with a mode or an owner.
    public void write(String path, byte[] content, CopyRules rules) throws IOException {
        try (OutputStream out = outputStream(path, rules)) {
            out.write(content);
        }
    }

    /// Writes a file with everything that a stream has, which is not closed.
    ///
    /// @return how many bytes it has
    public long write(String path, InputStream content) throws IOException {
        try (OutputStream out = outputStream(path)) {
            return content.transferTo(out);
        }
    }

    /// A file for writing: the one that is there is emptied and keeps its owner and permissions, else one is made with the permissions
    /// 0644, and directories above it that are missing.
    public OutputStream outputStream(String path) throws IOException {
        return outputStream(path, CopyRules.standard());
    }

    /// The same with a mode and an owner, which one that is there gets too.
    public OutputStream outputStream(String path, CopyRules rules) throws IOException {
        try (OpenRoot root = source.open()) {
            OpenRoot.Opened opened = root.openOrCreate(path, true, DirectoryCalls.O_WRONLY | DirectoryCalls.O_TRUNC);
            try {
                attributes(root, opened, path, rules);
            } catch (IOException | RuntimeException e) {
                opened.file().close();
                throw e;
            }
            return Channels.newOutputStream(new FdChannel(opened.file(), path, false, true, false));
        }
    }

    private static void attributes(OpenRoot root, OpenRoot.Opened opened, String path, CopyRules rules) throws IOException {
        Fd file = opened.file();
        if (rules.hasOwner()) {
            long done = root.calls().tryOwner(file, root.outside(true, rules.uid()), root.outside(false, rules.gid()));
            FileFailures.check(done, "fchownat", path);
        }
        int mode = rules.mode() < 0 && opened.made() ? DEFAULT_MODE : rules.mode();
        if (mode >= 0) {
            FileFailures.check(root.calls().tryMode(file, mode), "fchmodat", path);
        }
    }

    /// As [#copyIn(Path, String, CopyRules)] with [CopyRules#standard].
    public CopyReport copyIn(Path host, String path) throws IOException {
        return copyIn(host, path, CopyRules.standard());
    }

    /// Copies a file or a directory with all that is in it into the container.
    ///
    /// @param host what to copy; a link is followed, those in a directory are copied as links
    /// @param path what the copy will be called; directories above it are made where they are missing. Into `/` goes what is in a directory
    public CopyReport copyIn(Path host, String path, CopyRules rules) throws IOException {
        if (!path.isEmpty() && path.replace("/", "").isEmpty()) {
            return copyIntoRoot(host, rules);
        }
        try (OpenRoot root = source.open();
                DirectoryCalls here = new DirectoryCalls(null);
                Fd handle = open(host);
                OpenRoot.Place place = root.place(path, true)) {
            TreeCopy copy = new TreeCopy(here, root.calls(), rules, idsIn(root, rules), ALL);
            return copy.copy(handle, place.directory(), place.name(), host.toString());
        }
    }

    private CopyReport copyIntoRoot(Path host, CopyRules rules) throws IOException {
        try (OpenRoot root = source.open();
                DirectoryCalls here = new DirectoryCalls(null);
                Fd handle = open(host);
                Fd target = root.openDirectory("/")) {
            return new TreeCopy(here, root.calls(), rules, idsIn(root, rules), ALL).copyContent(handle, target, host.toString());
        }
    }

    private static Fd open(Path host) throws IOException {
        try {
            return Fd.open(host.toAbsolutePath().toString(), DirectoryCalls.O_PATH, 0);
        } catch (org.dolium.linux.ErrnoException e) {
            throw FileFailures.of(-e.errno().value(), "openat", host.toString());
        }
    }

    private static TreeCopy.@Nullable Ids idsIn(OpenRoot root, CopyRules rules) {
        if (rules.hasOwner()) {
            return (user, id) -> root.outside(user, user ? rules.uid() : rules.gid());
        }
        return rules.isKeepingOwners() ? root::outside : null;
    }

    private static TreeCopy.@Nullable Ids idsOut(OpenRoot root, CopyRules rules) {
        if (rules.hasOwner()) {
            return (user, id) -> user ? rules.uid() : rules.gid();
        }
        return rules.isKeepingOwners() ? root::inside : null;
    }

    /// As [#copyOut(String, Path, CopyRules)] with [CopyRules#standard].
    public CopyReport copyOut(String path, Path host) throws IOException {
        return copyOut(path, host, CopyRules.standard());
    }

    /// Copies a file or a directory with all that is in it out of the container.
    ///
    /// @param path what to copy; a link is followed inside the container, those in a directory are copied as links, wherever they lead
    /// @param host what the copy will be called, in a directory that is there
    public CopyReport copyOut(String path, Path host, CopyRules rules) throws IOException {
        Path target = host.toAbsolutePath().normalize();
        if (target.getParent() == null || target.getFileName() == null) {
            throw new FileSystemException(Quoting.printable(host.toString()), null, "nothing can be called so");
        }
        try (OpenRoot root = source.open();
                DirectoryCalls here = new DirectoryCalls(null);
                Fd handle = root.handle(path, true);
                Fd directory = open(target.getParent())) {
            TreeCopy copy = new TreeCopy(root.calls(), here, rules, idsOut(root, rules), WITHOUT_SPECIAL);
            return copy.copy(handle, directory, FileNames.encode(target.getFileName().toString()), path);
        }
    }

    /// A view of the files for everything that works with [java.nio.file.Path]s: `Files.walk`, `Files.readAttributes` and so on. Owners
    /// are numbers of the container, permissions and times can be changed; there is no watching. It is closed when the container ends:
    /// then it throws [java.nio.file.ClosedFileSystemException].
    public FileSystem fileSystem() {
        return new ContainerFileSystem(source);
    }

    /// Whether there is something with this path, if only a link that leads nowhere.
    public boolean exists(String path) throws IOException {
        try (OpenRoot root = source.open()) {
            long found = root.tryHandle(path, false);
            if (Kernel.failed(found)) {
                return false;
            }
            new Fd((int) found).close();
            return true;
        }
    }
}
