// SPDX-License-Identifier: Apache-2.0
package org.dolium.files;

/// How files are copied into containers and out of them. An immutable value; each method gives a changed one.
///
/// ```java
/// files.copyOut("/var/lib/results", target, CopyRules.standard().replacing().maxBytes(100 << 20));
/// ```
///
/// Without further words, as `docker cp` does: files that are copied in belong to the container's root, those that are copied out to the
/// JVM's user; permissions and times of change stay; links stay links; nothing that is there is replaced. Never copied are devices,
/// FIFOs and sockets (the [CopyReport] counts them), extended attributes, and what is on the kernel's own file systems. Files that are
/// copied out lose their set-user-id, set-group-id and sticky bits: nobody gets a program of somebody hostile that runs as its owner.
public final class CopyRules {
    private static final CopyRules STANDARD = new CopyRules(false, false, -1, -1, -1, Long.MAX_VALUE, 1_000_000);

    private final boolean replacing;
    private final boolean keepingOwners;
    private final long uid;
    private final long gid;
    private final int mode;
    private final long maxBytes;
    private final long maxEntries;

    private CopyRules(boolean replacing, boolean keepingOwners, long uid, long gid, int mode, long maxBytes, long maxEntries) {
        this.replacing = replacing;
        this.keepingOwners = keepingOwners;
        this.uid = uid;
        this.gid = gid;
        this.mode = mode;
        this.maxBytes = maxBytes;
        this.maxEntries = maxEntries;
    }

    public static CopyRules standard() {
        return STANDARD;
    }

    /// Files and links replace those that are there; directories that are there get what is new. Otherwise a copy to where something
    /// is fails.
    public CopyRules replacing() {
        return new CopyRules(true, keepingOwners, uid, gid, mode, maxBytes, maxEntries);
    }

    /// Owners keep their numbers, as the container sees them. On the host only root can do that.
    public CopyRules keepingOwners() {
        return new CopyRules(replacing, true, -1, -1, mode, maxBytes, maxEntries);
    }

    /// Everything gets this owner: of the container for what is copied in, else of the host.
    public CopyRules owner(long newUid, long newGid) {
        if (newUid < 0 || newGid < 0 || newUid > 0xfffffffeL || newGid > 0xfffffffeL) {
            throw new IllegalArgumentException("owner " + newUid + ":" + newGid + " is not between 0 and 4294967294");
        }
        return new CopyRules(replacing, false, newUid, newGid, mode, maxBytes, maxEntries);
    }

    /// Files, not directories, get these permissions, from 0 to 07777.
    public CopyRules mode(int permissions) {
        if ((permissions & ~07777) != 0) {
            throw new IllegalArgumentException("mode 0" + Integer.toOctalString(permissions) + " is not between 0 and 07777");
        }
        return new CopyRules(replacing, keepingOwners, uid, gid, permissions, maxBytes, maxEntries);
    }

    /// The most bytes in all; no limit if not called. A copy that would be larger fails; what was copied until then stays.
    public CopyRules maxBytes(long bytes) {
        return new CopyRules(replacing, keepingOwners, uid, gid, mode, bytes, maxEntries);
    }

    /// The most files, links and directories; a million if not called.
    public CopyRules maxEntries(long entries) {
        return new CopyRules(replacing, keepingOwners, uid, gid, mode, maxBytes, entries);
    }

    boolean isReplacing() {
        return replacing;
    }

    boolean isKeepingOwners() {
        return keepingOwners;
    }

    boolean hasOwner() {
        return uid >= 0;
    }

    long uid() {
        return uid;
    }

    long gid() {
        return gid;
    }

    /// -1 for those of the source.
    int mode() {
        return mode;
    }

    /// The most bytes in all.
    public long maxBytes() {
        return maxBytes;
    }

    long maxEntries() {
        return maxEntries;
    }
}
