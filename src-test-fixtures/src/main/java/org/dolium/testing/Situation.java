// SPDX-License-Identifier: Apache-2.0
package org.dolium.testing;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;

/// Runs a program's main method in a JVM of its own that is put into a special situation by a shell script: other limits,
/// namespaces, mounts or users. The script ends with `exec "$@"`.
public final class Situation {
    /// Continues as the plain user.
    public static final String AS_PLAIN_USER = "exec setpriv --reuid " + PlainUser.UID + " --regid " + PlainUser.UID
            + " --clear-groups --inh-caps=-all \"$@\"";

    private static final long LIMIT_SECONDS = Math.max(120, Slow.seconds(20).toSeconds());

    private Situation() {}

    /// @param prefix a command that runs the rest of its arguments, as `unshare -m`
    /// @param script a script for sh(1), whose arguments are the JVM's command line
    /// @return everything that was printed
    public static String run(List<String> prefix, String script, Path scratch, Class<?> program, String... arguments)
            throws IOException, InterruptedException {
        MustRun.root();
        Path files = Files.createDirectory(scratch.resolve("situation"));
        Path temporary = Files.createDirectory(scratch.resolve("tmp"));
        Files.setPosixFilePermissions(scratch.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(scratch, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.setPosixFilePermissions(files, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxrwxrwx"));
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of("sh", "-ec", script, "sh"));
        command.addAll(QuickJvm.command());
        command.addAll(List.of("-Djava.io.tmpdir=" + temporary, "-cp", ownClassPath(files), program.getName()));
        command.addAll(List.of(arguments));
        Path output = scratch.resolve("output");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        process.getOutputStream().close();
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            throw new AssertionError("no end within " + LIMIT_SECONDS + " s; printed so far:\n" + Files.readString(output));
        }
        return Files.readString(output);
    }

    /// Only what the build made: a program in a situation uses no test library. Jars that everybody can read, as applications
    /// have them. A class path in which nothing lies where the build puts it is that already.
    private static String ownClassPath(Path directory) throws IOException {
        List<String> own = new ArrayList<>();
        int number = 0;
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (entry.contains(File.separator + "target" + File.separator)) {
                own.add(packed(Path.of(entry), directory.resolve("cp" + number++ + ".jar")).toString());
            }
        }
        return own.isEmpty() ? System.getProperty("java.class.path") : String.join(File.pathSeparator, own);
    }

    private static Path packed(Path classes, Path jar) throws IOException {
        if (!Files.isDirectory(classes)) {
            ClassPath.copyTree(classes, jar);
            return jar;
        }
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
                Stream<Path> files = Files.walk(classes)) {
            out.setLevel(Deflater.BEST_SPEED);
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                out.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
                Files.copy(file, out);
            }
        }
        return Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-r--r--"));
    }
}
