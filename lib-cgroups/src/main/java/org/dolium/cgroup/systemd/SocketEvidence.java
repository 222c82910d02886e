// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.systemd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.StringTokenizer;
import org.jspecify.annotations.Nullable;

/// All that decides where the systemd manager is that this user may ask.
///
/// @param uid the JVM's effective uid
/// @param outerUid the same outside of the JVM's user namespace, or -1 if it has none there
/// @param runtimeDirectory `XDG_RUNTIME_DIR`, or empty
/// @param sessionBus `DBUS_SESSION_BUS_ADDRESS`, or empty
/// @param foreignPids whether the managers number processes otherwise than the JVM
/// @param paths what is known of paths; those that do not exist are missing
public record SocketEvidence(
        long uid,
        long outerUid,
        String runtimeDirectory,
        String sessionBus,
        boolean foreignPids,
        Map<String, PathFacts> paths) {
    /// The inode of the first pid namespace, PROC_PID_INIT_INO in linux/proc_ns.h.
    private static final String FIRST_PID_NAMESPACE = "pid:[4026531836]";

    public SocketEvidence {
        paths = Map.copyOf(paths);
    }

    /// Looks at this machine.
    public static SocketEvidence collect(long uid) throws IOException {
        long outerUid = outerUid(Files.readString(Path.of("/proc/self/uid_map")), uid);
        SocketEvidence blank = new SocketEvidence(
                uid, outerUid, variable("XDG_RUNTIME_DIR"), variable("DBUS_SESSION_BUS_ADDRESS"), managersCountOtherwise(), Map.of());
        Map<String, PathFacts> paths = new HashMap<>();
        for (String path : SocketChoice.pathsToLookAt(blank)) {
            PathFacts facts = look(Path.of(path));
            if (facts != null) {
                paths.put(path, facts);
            }
        }
        return new SocketEvidence(
                uid, outerUid, blank.runtimeDirectory, blank.sessionBus, blank.foreignPids, paths);
    }

    /// In a container the socket of a manager outside can be mounted, but it knows the processes by other numbers.
    private static boolean managersCountOtherwise() throws IOException {
        String namespace = Files.readSymbolicLink(Path.of("/proc/self/ns/pid")).toString();
        return !namespace.equals(FIRST_PID_NAMESPACE)
                && !Files.readString(Path.of("/proc/1/comm")).equals("systemd\n");
    }

    private static String variable(String name) {
        String value = System.getenv(name);
        return value == null || value.indexOf('\0') >= 0 ? "" : value;
    }

    private static @Nullable PathFacts look(Path path) {
        try {
            Map<String, Object> facts = Files.readAttributes(path, "unix:uid,mode", LinkOption.NOFOLLOW_LINKS);
            return new PathFacts(Integer.toUnsignedLong((Integer) facts.get("uid")), (Integer) facts.get("mode"));
        } catch (IOException e) {
            return null; // missing or hidden: not to be used either way
        }
    }

    /// Reads /proc/self/uid_map; see user_namespaces(7).
    static long outerUid(String uidMap, long uid) {
        StringTokenizer words = new StringTokenizer(uidMap);
        while (words.countTokens() >= 3) {
            long inner = Long.parseLong(words.nextToken());
            long outer = Long.parseLong(words.nextToken());
            long count = Long.parseLong(words.nextToken());
            if (uid >= inner && uid - inner < count) {
                return outer + uid - inner;
            }
        }
        return -1;
    }
}
