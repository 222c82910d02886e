// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DynamicTest;

/// Runs test classes a second time in a JVM of an unprivileged user: a real uid without any privilege, by setpriv(1).
///
/// ```java
/// @TestFactory
/// List<DynamicTest> as_a_plain_user() throws Exception {
///     return PlainUser.run(LaunchTest.class);
/// }
/// ```
public final class PlainUser {
    /// An id that no account has.
    public static final int UID = 12345;

    private static final long LIMIT_MINUTES = 14;

    private PlainUser() {}

    /// What a plain user's JVM is started through.
    interface Surroundings {
        /// The command that prepares them and then runs the command that follows it.
        ///
        /// @param directory where its files may lie; it is removed afterwards
        List<String> prefix(Path directory) throws IOException;
    }

    /// Runs the tests of the classes and gives their results, one by one.
    public static List<DynamicTest> run(Class<?>... classes) throws IOException, InterruptedException {
        return run(directory -> List.of(), classes);
    }

    /// The same where nobody can make a user namespace: in one that may have none below it.
    public static List<DynamicTest> runWithoutUserNamespaces(Class<?>... classes) throws IOException, InterruptedException {
        return run(directory -> List.of("sh", "-ec", """
                mkfifo "$0/go"
                unshare --user sh -ec 'd=$0; read go < $d/go
                    exec sh -ec "echo 0 > /proc/sys/user/max_user_namespaces; exec \\"\\$@\\"" sh "$@"' "$0" "$@" &
                pid=$!
                while test "$(readlink /proc/$pid/ns/user)" = "$(readlink /proc/self/ns/user)"; do sleep 0.1; done
                echo 0 0 1000000 > /proc/$pid/uid_map
                echo 0 0 1000000 > /proc/$pid/gid_map
                echo > "$0/go"
                wait $pid
                """, directory.toString()), classes);
    }

    static List<DynamicTest> run(Surroundings surroundings, Class<?>... classes)
            throws IOException, InterruptedException {
        MustRun.root();
        Path directory = Files.createTempDirectory("plain-user-");
        try {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.setAttribute(directory, "unix:uid", UID);
            Path results = directory.resolve("results");
            List<String> command = new ArrayList<>(surroundings.prefix(directory));
            command.addAll(command(directory, results, classes));
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("output").toFile())
                    .directory(directory.toFile())
                    .start();
            process.getOutputStream().close();
            try {
                process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES);
            } finally {
                process.destroyForcibly(); // also when this test's own time is over
            }
            return Results.of(results, Files.readString(directory.resolve("output")), "as uid " + UID, false);
        } finally {
            ClassPath.delete(directory);
        }
    }

    private static List<String> command(Path directory, Path results, Class<?>... classes) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                MustRun.program("setpriv"), "--reuid", "" + UID, "--regid", "" + UID, "--clear-groups",
                "--inh-caps=-all", "env", "-i", "PATH=/usr/bin:/bin:/usr/sbin:/sbin", "HOME=" + directory));
        command.addAll(QuickJvm.command());
        command.addAll(List.of(
                "--illegal-native-access=deny",
                "-Ddolium.mustRun=" + System.getProperty("dolium.mustRun", "false"),
                "-Ddolium.raceSeconds=" + System.getProperty("dolium.raceSeconds", "3"),
                "-Djava.io.tmpdir=" + Files.createDirectory(directory.resolve("tmp")),
                "-Dproject.root=" + System.getProperty("project.root", ""),
                "-D" + RealImages.GIVEN + "=" + System.getProperty(RealImages.GIVEN, ""),
                "-cp", ClassPath.copy(directory, directory), ResultsMain.class.getName(), results.toString()));
        Files.setAttribute(directory.resolve("tmp"), "unix:mode", 01777); // as /tmp is
        for (Class<?> type : classes) {
            command.add(type.getName());
        }
        return command;
    }
}
