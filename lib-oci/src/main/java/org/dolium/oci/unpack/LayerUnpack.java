// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.unpack;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.Executor;
import org.dolium.kernel.Fd;
import org.dolium.kernel.Kernel;
import org.dolium.linux.Arg;
import org.dolium.linux.OpenFlags;
import org.dolium.oci.blob.VerifiedStream;
import org.dolium.oci.image.Digest;
import org.jspecify.annotations.Nullable;

/// Writes layers as trees of files. Everything is done relative to open directories, and nothing that a layer has made is followed.
public final class LayerUnpack {
    /// How the names of directories begin that are not whole: nobody else's business, and rubbish when nobody is at work there.
    public static final String STAGING = ".unpacking-";

    private static final int DIRECTORY_NOFOLLOW = OpenFlags.directory(Kernel.ARCH) | OpenFlags.noFollow(Kernel.ARCH);

    private LayerUnpack() {}

    /// Makes a directory with what a layer has. It gets its name when it is whole, verified and on the disk: a JVM that is killed
    /// meanwhile leaves one whose name begins with [#STAGING], and a failure leaves nothing.
    ///
    /// @param blob the layer; it is closed
    /// @param directory which is not there yet, in one that no container and no other user can enter
    public static UnpackReport create(
            VerifiedStream blob, Digest diffId, LayerLimits limits, Path directory, LayerPolicy policy) throws IOException {
        byte[] name = name(directory);
        byte[] staged = (STAGING + UUID.randomUUID()).getBytes(StandardCharsets.US_ASCII);
        try (blob;
                TreeCalls calls = new TreeCalls();
                Fd parent = Fd.open(parent(directory), DIRECTORY_NOFOLLOW, 0)) {
            TreeCalls.check(calls.tryMakeDirectory(parent, staged), "mkdirat", staged);
            try (Fd root = calls.directory(parent, staged)) {
                UnpackReport report = write(blob, diffId, limits, calls, root, policy);
                calls.sync(root);
                calls.rename(parent, staged, name);
                calls.syncNames(parent);
                return report;
            } catch (IOException | RuntimeException | Error e) {
                removeAfter(e, calls, parent, staged);
                throw e;
            }
        }
    }

    /// Writes a layer over the tree of earlier ones. If it fails the tree is neither, and of no more use.
    ///
    /// @param blob the layer; it is closed
    /// @param directory the tree's root, which no container and no other user can enter
    public static UnpackReport apply(
            VerifiedStream blob, Digest diffId, LayerLimits limits, Path directory, LayerPolicy policy) throws IOException {
        return apply(blob, diffId, limits, directory, policy, null);
    }

    /// The same, decompressed by another thread.
    ///
    /// @param blob which stops waiting when it is closed by another thread than the one that reads, as a [VerifiedStream#copy]
    /// @param threads gives that thread, or null for none
    public static UnpackReport apply(VerifiedStream blob, Digest diffId, LayerLimits limits, Path directory, LayerPolicy policy,
            @Nullable Executor threads) throws IOException {
        try (blob;
                TreeCalls calls = new TreeCalls();
                Fd root = Fd.open(directory.toString(), DIRECTORY_NOFOLLOW, 0)) {
            return write(blob, diffId, limits, calls, root, policy, threads);
        }
    }

    /// Whether a layer's tree hides all layers below it, by an opaque marker in its root. Overlayfs does not look for that mark there:
    /// whoever mounts layers leaves those below out.
    public static boolean hidesLower(Path tree) throws IOException {
        try (TreeCalls calls = new TreeCalls();
                Fd root = Fd.open(tree.toString(), DIRECTORY_NOFOLLOW, 0)) {
            return calls.isOpaque(root);
        }
    }

    /// Removes a tree, or does nothing if there is none. Links in it are not followed, and mounts not entered.
    public static void remove(Path directory) throws IOException {
        try (TreeCalls calls = new TreeCalls();
                Fd parent = Fd.open(parent(directory), DIRECTORY_NOFOLLOW, 0)) {
            new TreeRemoval(calls).remove(parent, name(directory));
        }
    }

    static UnpackReport write(
            VerifiedStream blob, Digest diffId, LayerLimits limits, TreeCalls calls, Fd root, LayerPolicy policy)
            throws IOException {
        return write(blob, diffId, limits, calls, root, policy, null);
    }

    private static UnpackReport write(VerifiedStream blob, Digest diffId, LayerLimits limits, TreeCalls calls, Fd root,
            LayerPolicy policy, @Nullable Executor threads) throws IOException {
        try (LayerReader reader = LayerReader.open(blob, diffId, limits, threads);
                TreeWriter writer = new TreeWriter(calls, root, limits, policy)) {
            for (LayerEntry entry = reader.next(); entry != null; entry = reader.next()) {
                writer.write(entry, reader, blob.descriptor().digest());
            }
            return writer.finish(blob.descriptor().digest());
        }
    }

    private static void removeAfter(Throwable failure, TreeCalls calls, Fd parent, byte[] name) {
        try {
            new TreeRemoval(calls).remove(parent, name);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private static String parent(Path directory) {
        Path parent = directory.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IllegalArgumentException("'" + directory + "' is in no directory");
        }
        return parent.toString();
    }

    private static byte[] name(Path directory) {
        byte[] name = directory.getFileName().toString().getBytes(StandardCharsets.UTF_8);
        Arg.terminated(name);
        return name;
    }
}
