// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.io.IOException;
import java.util.Map;
import org.dolium.kernel.Fd;
import org.dolium.linux.Errno;
import org.dolium.linux.ErrnoException;

/// Gives what was made its owner, extended attributes, permissions and times, in this order: a change of owner takes capabilities
/// and set-id bits away.
final class Attributes {
    private static final int LARGEST = 1 << 16;
    private static final byte[] ITSELF = {};

    private final TreeCalls calls;
    private final LayerPolicy policy;
    private final UnpackReport.Counter report;

    Attributes(TreeCalls calls, LayerPolicy policy, UnpackReport.Counter report) {
        this.calls = calls;
        this.policy = policy;
        this.report = report;
    }

    /// Of an open file or directory.
    void apply(Fd file, Metadata metadata) throws IOException {
        own(file, ITSELF, metadata);
        for (Map.Entry<String, byte[]> xattr : metadata.xattrs().entrySet()) {
            xattr(file, xattr.getKey(), xattr.getValue());
        }
        if (policy.owners() instanceof Owners.Squashed && (metadata.uid() != 0 || metadata.gid() != 0)) {
            set(file, Owners.RECORD, Owners.record(metadata));
        }
        calls.mode(file, metadata.mode());
        calls.time(file, ITSELF, metadata.seconds(), metadata.nanos());
    }

    /// Of a symbolic link, which has no permissions and no attributes of users.
    void applyToLink(Fd at, byte[] name, Metadata metadata) throws IOException {
        own(at, name, metadata);
        dropAll(metadata);
        calls.time(at, name, metadata.seconds(), metadata.nanos());
    }

    /// Of a device or FIFO, which is not opened.
    void applyToNode(Fd at, byte[] name, Metadata metadata) throws IOException {
        own(at, name, metadata);
        dropAll(metadata);
        try (Fd handle = calls.handle(at, name)) {
            calls.handleMode(handle, metadata.mode());
        }
        calls.time(at, name, metadata.seconds(), metadata.nanos());
    }

    private void own(Fd at, byte[] name, Metadata metadata) throws IOException {
        if (!(policy.owners() instanceof Owners.Squashed)) {
            calls.owner(at, name, policy.owners().uid(metadata), policy.owners().gid(metadata));
        }
    }

    private void dropAll(Metadata metadata) {
        for (String name : metadata.xattrs().keySet()) {
            report.dropped(name);
        }
    }

    private void xattr(Fd file, String name, byte[] value) throws IOException {
        if (!policy.allows(name)) {
            report.dropped(name);
            return;
        }
        if (value.length > LARGEST) {
            throw new LayerException("it has an extended attribute of more than " + LARGEST + " bytes");
        }
        set(file, name, name.equals("security.capability") ? policy.owners().capability(value) : value);
    }

    private void set(Fd file, String name, byte[] value) throws ErrnoException {
        long result = calls.trySetXattr(file, name, value);
        if (DirectoryChain.failed(result, Errno.EOPNOTSUPP)) {
            report.dropped(name);
            return;
        }
        org.dolium.kernel.Kernel.check(result, "fsetxattr(" + file + ", " + org.dolium.linux.Quoting.quote(name) + ")");
    }
}
