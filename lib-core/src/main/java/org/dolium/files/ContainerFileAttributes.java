// SPDX-License-Identifier: Apache-2.0
package org.dolium.files;

import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.dolium.kernel.FileStatus;

/// What a file of a container is, with the container's ids.
record ContainerFileAttributes(FileStatus status, ContainerFileSystem.Id owner, ContainerFileSystem.Id group) implements PosixFileAttributes {
    private static final PosixFilePermission[] BITS = {
        PosixFilePermission.OTHERS_EXECUTE, PosixFilePermission.OTHERS_WRITE, PosixFilePermission.OTHERS_READ,
        PosixFilePermission.GROUP_EXECUTE, PosixFilePermission.GROUP_WRITE, PosixFilePermission.GROUP_READ,
        PosixFilePermission.OWNER_EXECUTE, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_READ
    };

    static ContainerFileAttributes of(OpenRoot root, FileStatus status) {
        return new ContainerFileAttributes(status, new ContainerFileSystem.Id(root.inside(true, status.uid())),
                new ContainerFileSystem.Id(root.inside(false, status.gid())));
    }

    static int mode(Set<PosixFilePermission> permissions) {
        int mode = 0;
        for (int i = 0; i < BITS.length; i++) {
            mode |= permissions.contains(BITS[i]) ? 1 << i : 0;
        }
        return mode;
    }

    private static FileTime time(long seconds, int nanos) {
        return FileTime.from(Instant.ofEpochSecond(seconds, nanos));
    }

    @Override
    public Set<PosixFilePermission> permissions() {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (int i = 0; i < BITS.length; i++) {
            if ((status.mode() & 1 << i) != 0) {
                permissions.add(BITS[i]);
            }
        }
        return permissions;
    }

    @Override
    public FileTime lastModifiedTime() {
        return time(status.modified(), status.modifiedNanos());
    }

    @Override
    public FileTime lastAccessTime() {
        return time(status.accessed(), status.accessedNanos());
    }

    @Override
    public FileTime creationTime() {
        return status.born() == 0 ? lastModifiedTime() : time(status.born(), status.bornNanos());
    }

    @Override
    public boolean isRegularFile() {
        return status.isRegular();
    }

    @Override
    public boolean isDirectory() {
        return status.isDirectory();
    }

    @Override
    public boolean isSymbolicLink() {
        return status.isLink();
    }

    @Override
    public boolean isOther() {
        return !isRegularFile() && !isDirectory() && !isSymbolicLink();
    }

    @Override
    public long size() {
        return status.size();
    }

    @Override
    public Object fileKey() {
        return "(dev=" + Long.toHexString(status.device()) + ",ino=" + status.inode() + ")";
    }

    /// Those of a view, by name.
    ///
    /// @throws UnsupportedOperationException if there is no such view
    Map<String, Object> of(String view) {
        Map<String, Object> all = new LinkedHashMap<>();
        if (!view.equals("owner")) {
            all.put("lastModifiedTime", lastModifiedTime());
            all.put("lastAccessTime", lastAccessTime());
            all.put("creationTime", creationTime());
            all.put("size", size());
            all.put("isRegularFile", isRegularFile());
            all.put("isDirectory", isDirectory());
            all.put("isSymbolicLink", isSymbolicLink());
            all.put("isOther", isOther());
            all.put("fileKey", fileKey());
        }
        if (view.equals("posix") || view.equals("unix")) {
            all.put("permissions", permissions());
            all.put("group", group);
        }
        if (view.equals("unix")) {
            all.put("mode", status.mode());
            all.put("uid", Math.toIntExact(owner.number()));
            all.put("gid", Math.toIntExact(group.number()));
            all.put("ino", status.inode());
            all.put("dev", status.device());
            all.put("nlink", Math.toIntExact(status.links()));
            all.put("ctime", time(status.changed(), status.changedNanos()));
        }
        if (!view.equals("basic")) {
            all.put("owner", owner);
        }
        if (!Set.of("basic", "owner", "posix", "unix").contains(view)) {
            throw new UnsupportedOperationException("there is no view '" + view + "' of the files of containers");
        }
        return all;
    }
}
