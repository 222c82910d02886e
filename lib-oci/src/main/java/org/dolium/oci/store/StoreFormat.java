// SPDX-License-Identifier: Apache-2.0
package org.dolium.oci.store;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.StringTokenizer;
import org.dolium.kernel.Kernel;
import org.dolium.kernel.Memory;
import org.dolium.linux.Sys;
import org.dolium.oci.files.FileStatus;
import org.dolium.oci.files.OpenDirectory;
import org.dolium.oci.files.OpenFile;
import org.dolium.oci.unpack.LayerPolicy;
import org.dolium.oci.unpack.Owners;

/// What a store says about itself: its version, and how its layers were unpacked, which depends on whose it is.
final class StoreFormat {
    static final String FILE = "dolium-store";
    private static final int VERSION = 1;
    private static final String TITLE = "Dolium image store, version ";
    private static final String LAYERS = "layers: ";
    private static final String ALL_IDS = "4294967295";
    private static final int LONGEST = 4096;

    private StoreFormat() {}

    /// How layers are unpacked by this process.
    static LayerPolicy policy() throws IOException {
        return isHostRoot()
                ? LayerPolicy.of(LayerPolicy.Removals.OVERLAY, new Owners.Kept())
                : LayerPolicy.of(LayerPolicy.Removals.USER_OVERLAY, new Owners.Squashed());
    }

    static long uid() throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            Memory ids = Memory.allocate(arena, 16);
            Kernel.check(Kernel.call(Sys.GETRESUID, ids.address(), ids.address() + 4, ids.address() + 8), "getresuid()");
            return ids.getInt(4) & 0xffffffffL;
        }
    }

    /// Whether this is the host's root, not one of a user namespace.
    static boolean isHostRoot() throws IOException {
        if (uid() != 0) {
            return false;
        }
        StringTokenizer map = new StringTokenizer(Files.readString(Path.of("/proc/self/uid_map")));
        return map.countTokens() == 3
                && map.nextToken().equals("0")
                && map.nextToken().equals("0")
                && map.nextToken().equals(ALL_IDS);
    }

    /// Refuses a directory that somebody else may change, or that was opened for somebody else.
    static void checkOwner(OpenDirectory directory) throws IOException {
        FileStatus status = directory.status();
        long uid = uid();
        if (status.uid() != uid) {
            throw new IOException(directory + " belongs to uid " + status.uid() + ", and this JVM has uid " + uid
                    + ": each user has a store of their own");
        }
        if ((status.mode() & 0077) != 0) {
            throw new IOException(directory + " can be entered by others, its mode is 0" + Integer.toOctalString(status.mode() & 07777)
                    + "; if nobody changed anything in it, make it yours alone with chmod 0700");
        }
    }

    static byte[] text() throws IOException {
        return (TITLE + VERSION + "\n" + LAYERS + policy().removals() + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    /// @return false if there is no mark
    static boolean check(OpenDirectory root) throws IOException {
        OpenFile file = root.tryFile(FILE);
        if (file == null) {
            return false;
        }
        try (InputStream in = file.input()) {
            check(root, new String(in.readNBytes(LONGEST), StandardCharsets.ISO_8859_1));
        }
        return true;
    }

    private static void check(OpenDirectory root, String text) throws IOException {
        int end = text.indexOf('\n');
        if (!text.startsWith(TITLE) || end < 0) {
            throw new IOException("'" + FILE + "' in " + root + " is damaged: it does not say what it is");
        }
        String version = text.substring(TITLE.length(), end);
        if (!version.equals(Integer.toString(VERSION))) {
            throw new IOException(root + " is a store of version '" + version + "', and this Dolium knows version " + VERSION
                    + ": use the Dolium that wrote it, or another directory");
        }
        String kind = LAYERS + policy().removals() + "\n";
        if (!text.startsWith(kind, end + 1)) {
            throw new IOException(root + " has layers of another kind of user (" + text.substring(end + 1).trim() + ", not " + kind.trim()
                    + "): root's and plain users' stores can't be exchanged");
        }
    }
}
