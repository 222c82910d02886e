// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;

/// Runs test classes in a JVM of a [PlainUser] to whom /etc/subuid and /etc/subgid grant two ranges of ids each.
///
/// The machine's own files stay as they are: the JVM runs in a mount namespace where others lie in their place.
public final class SubordinateUser {
    /// The user's login name.
    public static final String NAME = "dolium-test";

    /// The granted ranges of uids: start and count.
    public static final List<List<Long>> UIDS = List.of(List.of(200_000L, 1000L), List.of(300_000L, 65_536L));

    /// The granted ranges of gids.
    public static final List<List<Long>> GIDS = List.of(List.of(400_000L, 500L), List.of(500_000L, 70_000L));

    private static final String BIND_AND_RUN = """
            for file in passwd subuid subgid; do
                mount --bind "$0/$file" "/etc/$file" || exit 1
            done
            exec "$@"
            """;

    private static final String HIDE_HELPERS = """
            for program in newuidmap newgidmap; do
                mount --bind /dev/null "/usr/bin/$program" || exit 1
            done
            """;

    private SubordinateUser() {}

    /// Runs the tests of the classes and gives their results, one by one.
    public static List<DynamicTest> run(Class<?>... classes) throws IOException, InterruptedException {
        return run(BIND_AND_RUN, classes);
    }

    /// The same where newuidmap(1) and newgidmap(1) are not installed.
    public static List<DynamicTest> runWithoutHelpers(Class<?>... classes) throws IOException, InterruptedException {
        return run(HIDE_HELPERS + BIND_AND_RUN, classes);
    }

    private static List<DynamicTest> run(String script, Class<?>... classes) throws IOException, InterruptedException {
        MustRun.root();
        MustRun.program("newuidmap");
        MustRun.program("newgidmap");
        for (String file : new String[] {"/etc/subuid", "/etc/subgid"}) {
            MustRun.require(Files.exists(Path.of(file)), "the file " + file + ", to lay another one over it");
        }
        return PlainUser.run(directory -> prefix(directory, script), classes);
    }

    private static List<String> prefix(Path directory, String script) throws IOException {
        Path etc = Files.createDirectory(directory.resolve("etc"));
        Files.setPosixFilePermissions(etc, PosixFilePermissions.fromString("rwxr-xr-x"));
        int id = PlainUser.UID;
        String account = NAME + ":x:" + id + ":" + id + "::/nonexistent:/bin/sh\n";
        write(etc.resolve("passwd"), Files.readString(Path.of("/etc/passwd")) + account);
        write(etc.resolve("subuid"), ranges(UIDS));
        write(etc.resolve("subgid"), ranges(GIDS));
        return new ArrayList<>(List.of(
                MustRun.program("unshare"), "--mount", "--propagation", "private", "sh", "-c", script,
                etc.toString()));
    }

    private static String ranges(List<List<Long>> ranges) {
        StringBuilder text = new StringBuilder("somebody:100000:65536\n");
        for (List<Long> range : ranges) {
            text.append(NAME).append(':').append(range.get(0)).append(':').append(range.get(1)).append('\n');
        }
        return text.toString();
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }
}
