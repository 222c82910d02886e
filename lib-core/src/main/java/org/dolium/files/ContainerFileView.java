// SPDX-License-Identifier: Apache-2.0
package org.dolium.files;

import java.io.IOException;
import java.nio.file.LinkOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.time.Instant;
import java.util.Set;
import org.dolium.kernel.Fd;
import org.dolium.linux.Quoting;
import org.jspecify.annotations.Nullable;

/// Reads and changes what a file of a container is. Each change is of the inode that the path leads to at that time.
final class ContainerFileView implements PosixFileAttributeView {
    private final ContainerPath path;
    private final String name;
    private final boolean follow;

    ContainerFileView(ContainerPath path, String name, LinkOption... options) {
        this.path = path;
        this.name = name;
        this.follow = options.length == 0;
    }

    private interface Change {
        long on(OpenRoot root, Fd handle) throws IOException;
    }

    private void change(String call, Change change) throws IOException {
        String text = path.toAbsolutePath().toString();
        try (OpenRoot root = path.own().root();
                Fd handle = root.handle(text, follow)) {
            root.checkNotKernels(handle, text);
            if (root.status(handle).isLink() && !call.equals("fchownat")) {
                throw new UnsupportedOperationException("permissions and times of the link '" + Quoting.printable(text) + "' can't be changed");
            }
            FileFailures.check(change.on(root, handle), call, text);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public PosixFileAttributes readAttributes() throws IOException {
        return attributes();
    }

    ContainerFileAttributes attributes() throws IOException {
        try (OpenRoot root = path.own().root();
                Fd handle = root.handle(path.toAbsolutePath().toString(), follow)) {
            return ContainerFileAttributes.of(root, root.status(handle));
        }
    }

    private static long @Nullable [] time(@Nullable FileTime time) {
        if (time == null) {
            return null;
        }
        Instant instant = time.toInstant();
        return new long[] {instant.getEpochSecond(), instant.getNano()};
    }

    /// The time of birth can't be changed, as on Linux in general.
    @Override
    public void setTimes(@Nullable FileTime modified, @Nullable FileTime accessed, @Nullable FileTime created) throws IOException {
        change("utimensat", (root, handle) -> root.calls().tryTimes(handle, time(accessed), time(modified)));
    }

    @Override
    public void setPermissions(Set<PosixFilePermission> permissions) throws IOException {
        setMode(ContainerFileAttributes.mode(permissions));
    }

    void setMode(int mode) throws IOException {
        change("fchmodat", (root, handle) -> root.calls().tryMode(handle, mode & 07777));
    }

    void setOwner(long uid, long gid) throws IOException {
        change("fchownat", (root, handle) -> root.calls().tryOwner(handle, root.outside(true, uid), root.outside(false, gid)));
    }

    @Override
    public void setGroup(GroupPrincipal group) throws IOException {
        setOwner(-1, ContainerFileSystem.id(group).number());
    }

    @Override
    public UserPrincipal getOwner() throws IOException {
        return attributes().owner();
    }

    @Override
    public void setOwner(UserPrincipal owner) throws IOException {
        setOwner(ContainerFileSystem.id(owner).number(), -1);
    }

    @SuppressWarnings("unchecked") // as the interface has it, a wrong type fails
    void set(String attribute, Object value) throws IOException {
        switch (attribute) {
            case "lastModifiedTime" -> setTimes((FileTime) value, null, null);
            case "lastAccessTime" -> setTimes(null, (FileTime) value, null);
            case "creationTime" -> { }
            case "permissions" -> setPermissions((Set<PosixFilePermission>) value);
            case "owner" -> setOwner((UserPrincipal) value);
            case "group" -> setGroup((GroupPrincipal) value);
            case "mode" -> setMode((Integer) value);
            case "uid" -> setOwner((Integer) value & 0xffffffffL, -1);
            case "gid" -> setOwner(-1, (Integer) value & 0xffffffffL);
            default -> throw new IllegalArgumentException("attribute '" + attribute + "' can't be set");
        }
    }
}
