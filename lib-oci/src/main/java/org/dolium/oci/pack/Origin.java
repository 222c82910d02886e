// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.pack;

import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.dolium.kernel.Fd;
import org.dolium.linux.Quoting;
import org.dolium.namespace.IdMap;
import org.dolium.namespace.IdMaps;
import org.dolium.oci.unpack.Metadata;
import org.dolium.oci.unpack.Owners;
import org.jspecify.annotations.Nullable;

/// What a layer says about an inode of the host: the owner that the container sees, the attributes that are the file's and not
/// overlayfs's, and its time.
final class Origin {
    /// Overlayfs's own, which say nothing about the content.
    private static final Set<String> HARMLESS = Set.of("origin", "impure", "nlink", "upper", "uuid", "protattr");

    private static final String CAPABILITY = "security.capability";

    private final PackCalls calls;
    private final PackPolicy policy;
    private final PackReport.Counter report;

    Origin(PackCalls calls, PackPolicy policy, PackReport.Counter report) {
        this.calls = calls;
        this.policy = policy;
        this.report = report;
    }

    PackPolicy policy() {
        return policy;
    }

    /// Whether what lower layers have in a directory is hidden, whoever owns it.
    boolean isOpaque(Fd handle) throws IOException {
        String name = policy.kind().prefix() + "opaque";
        byte @Nullable [] value = policy.kind() == PackPolicy.Kind.PLAIN ? null : calls.xattr(handle, name);
        return value != null && isOpaque(name, value);
    }

    /// @param opaque whether what lower layers have in this directory is hidden
    record Known(Metadata metadata, boolean opaque) {}

    Known of(Fd handle, Status status) throws IOException {
        Map<String, byte[]> xattrs = new LinkedHashMap<>();
        byte @Nullable [] record = null;
        boolean opaque = false;
        if (status.isRegular() || status.isDirectory()) {
            String[] names = calls.xattrs(handle);
            Arrays.sort(names);
            for (String name : names) {
                byte @Nullable [] value = isKept(name) || isOwn(name) || name.equals(Owners.RECORD) ? calls.xattr(handle, name) : null;
                if (value == null) {
                    drop(name);
                } else if (isOwn(name)) {
                    opaque |= isOpaque(name, value);
                } else if (name.equals(Owners.RECORD)) {
                    record = value;
                } else {
                    xattrs.put(name, name.equals(CAPABILITY) ? capability(value) : value);
                }
            }
        }
        return new Known(metadata(status, record, xattrs), opaque);
    }

    private void drop(String name) {
        if (!name.isEmpty() && !isOwn(name)) {
            report.dropped(name);
        }
    }

    private boolean isOwn(String name) {
        return policy.kind() != PackPolicy.Kind.PLAIN
                && name.startsWith(policy.kind().prefix())
                && !name.startsWith(policy.kind().prefix() + "overlay."); // an overlay's in the container
    }

    /// An equals sign would end the key in an extended header, for which there is no escape that everybody knows.
    private static boolean isKept(String name) {
        return name.equals(CAPABILITY)
                || name.startsWith("user.")
                        && !name.startsWith("user.overlay.")
                        && !name.startsWith("user.containers.")
                        && !name.equals(Owners.RECORD)
                        && name.indexOf('=') < 0;
    }

    private boolean isOpaque(String name, byte[] value) throws PackException {
        String rest = name.substring(policy.kind().prefix().length());
        if (rest.equals("opaque") && value.length == 1 && value[0] == 'y') {
            return true;
        }
        if (!HARMLESS.contains(rest)) {
            throw new PackException("it has the attribute " + Quoting.quote(name)
                    + ": part of it is in a lower layer; overlays that become layers are mounted without redirect_dir and metacopy");
        }
        return false;
    }

    private Metadata metadata(Status status, byte @Nullable [] record, Map<String, byte[]> xattrs)
            throws PackException {
        long uid = status.uid();
        long gid = status.gid();
        if (policy.owners() instanceof Owners.Squashed) {
            long[] recorded = record == null ? new long[2] : recorded(record);
            uid = recorded[0];
            gid = recorded[1];
        } else if (policy.owners() instanceof Owners.Mapped mapped) {
            uid = inside("uid", mapped.uids(), uid);
            gid = inside("gid", mapped.gids(), gid);
            if (record != null && uid == 0 && gid == 0) { // a plain user's layers, of which it owns all
                long[] recorded = recorded(record);
                uid = recorded[0];
                gid = recorded[1];
            }
        }
        long seconds = status.seconds();
        int nanos = status.nanos();
        Instant latest = policy.latest();
        if (latest != null && Instant.ofEpochSecond(seconds, nanos).isAfter(latest)) {
            seconds = latest.getEpochSecond();
            nanos = latest.getNano();
        }
        return new Metadata(status.permissions(), uid, gid, seconds, nanos, xattrs);
    }

    private static long inside(String what, IdMaps ids, long outside) throws PackException {
        for (IdMap extent : ids.extents()) {
            if (outside >= extent.outside() && outside < extent.outside() + extent.count()) {
                return extent.inside() + outside - extent.outside();
            }
        }
        throw new PackException("its " + what + " " + outside + " is none of the container");
    }

    /// Two numbers in a protobuf message, either of which may be missing.
    private static long[] recorded(byte[] record) throws PackException {
        long[] ids = new long[2];
        for (int at = 0; at < record.length; ) {
            int tag = record[at++];
            long value = 0;
            boolean more = true;
            for (int shift = 0; more && at < record.length && shift < 35; shift += 7) {
                value |= (record[at] & 0x7fL) << shift;
                more = record[at++] < 0;
            }
            if (more || tag != 1 << 3 && tag != 2 << 3 || value >= 0xffffffffL) {
                throw new PackException("its attribute " + Owners.RECORD + " is malformed");
            }
            ids[(tag >>> 3) - 1] = value;
        }
        return ids;
    }

    /// Without the root of the user namespace, which is the container's own: the second version instead of the third.
    private byte[] capability(byte[] value) {
        boolean third = value.length == 24 && value[3] == 3;
        if (!third || policy.owners() instanceof Owners.Kept) {
            return value;
        }
        byte[] second = Arrays.copyOf(value, 20);
        second[3] = 2;
        return second;
    }
}
