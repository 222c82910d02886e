// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.dolium.namespace.IdMap;
import org.dolium.namespace.IdMaps;
import org.dolium.remedy.HostFiles;
import org.dolium.remedy.IdRanges;

/// Has newuidmap(1) and newgidmap(1) write id maps: the way for an unprivileged user to get subordinate ids.
public record HelperIdMaps(IdMaps uids, IdMaps gids) implements IdMapWriter {
    private static final long LIMIT_SECONDS = 10;

    @Override
    public void write(long pid) throws IOException, InterruptedException {
        run("newuidmap", pid, uids);
        run("newgidmap", pid, gids);
    }

    private static void run(String program, long pid, IdMaps maps) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(find(program));
        command.add(Long.toString(pid));
        for (IdMap map : maps.extents()) {
            command.add(Long.toString(map.inside()));
            command.add(Long.toString(map.outside()));
            command.add(Long.toString(map.count()));
        }
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).directory(new File("/"));
        builder.environment().clear();
        Process process = builder.start();
        process.getOutputStream().close();
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException(program + " did not end within " + LIMIT_SECONDS + " s");
        }
        if (process.exitValue() != 0) {
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).trim();
            throw new IOException(program + " failed with exit code " + process.exitValue() + ": " + text + advice());
        }
        process.getInputStream().close();
    }

    private static String advice() {
        HostFiles host = ReadHostFiles.read();
        String hindered = IdRanges.withoutPrivileges(host);
        return hindered.isEmpty()
                ? "; " + IdRanges.INSTALL + ", and grant ranges: " + IdRanges.grant(host.user())
                : "; " + hindered;
    }

    /// Only the system's own directories: a program of that name elsewhere in PATH is not what is meant.
    private static String find(String program) throws IOException {
        for (String directory : new String[] {"/usr/bin/", "/bin/", "/usr/sbin/", "/run/wrappers/bin/"}) {
            if (Files.isExecutable(Path.of(directory + program))) {
                return directory + program;
            }
        }
        throw new IOException(program + " was not found" + advice());
    }
}
