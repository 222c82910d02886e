// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Other programs that start containers, each with the command line that asks for the same as Dolium's case, as far as
/// it can.
final class Peers {
    static final String BWRAP = "bwrap";
    static final String CRUN = "crun";
    static final String CRUN_WITHOUT_CGROUPS = "crun without cgroups";
    static final String RUNC = "runc";

    private static final String[] SEARCH = {"/usr/local/sbin/", "/usr/local/bin/", "/usr/sbin/", "/usr/bin/", "/sbin/"};

    private final Workspace workspace;
    private final Identity caller;

    Peers(Workspace workspace, Identity caller) {
        this.workspace = workspace;
        this.caller = caller;
    }

    /// Puts the peer into `subjects`, or why it can't be measured into `missing`.
    void add(Referee referee, String peer, Isolation isolation, Map<String, Subject> subjects,
            Map<String, String> missing) throws IOException, InterruptedException {
        String program = find(peer.split(" ")[0]);
        if (program == null) {
            missing.put(peer, "not installed");
            return;
        }
        List<String> command = peer.equals(BWRAP) ? bwrap(program, isolation) : oci(program, peer, isolation);
        String problem = tryOnce(command);
        if (problem == null) {
            subjects.put(peer, referee.command(peer + " " + isolation.key(), command));
        } else {
            missing.put(peer, problem);
        }
    }

    static @Nullable String find(String program) {
        for (String directory : SEARCH) {
            if (Files.isExecutable(Path.of(directory + program))) {
                return directory + program;
            }
        }
        return null;
    }

    private @Nullable String tryOnce(List<String> command) throws IOException, InterruptedException {
        List<String> once = new ArrayList<>();
        for (String word : command) {
            once.add(word.replace("@", "try-" + ProcessHandle.current().pid()));
        }
        Process process = new ProcessBuilder(once).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return process.waitFor() == 0 ? null : output.lines().findFirst().orElse("exit status " + process.exitValue());
    }

    private List<String> bwrap(String program, Isolation isolation) {
        List<String> command = new ArrayList<>(List.of(
                program, "--unshare-pid", "--as-pid-1", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup",
                "--hostname", "dolium", "--bind", workspace.rootfs().toString(), "/", "--proc", "/proc", "--dev",
                "/dev", "--mqueue", "/dev/mqueue", "--ro-bind", "/sys", "/sys", "--new-session", "--die-with-parent",
                "--clearenv", "--cap-drop", "ALL"));
        if (!caller.root()) {
            command.addAll(List.of("--unshare-user", "--uid", "0", "--gid", "0"));
        }
        if (isolation.network()) {
            command.add("--unshare-net");
        }
        command.add("/bin/true");
        return command;
    }

    private List<String> oci(String program, String peer, Isolation isolation) throws IOException {
        boolean filter = isolation.group() && !peer.equals(CRUN_WITHOUT_CGROUPS);
        Path bundle = workspace.directory().resolve("bundle-" + isolation.key() + (filter ? "-filter" : ""));
        OciBundle.write(bundle, workspace.rootfs(), isolation, caller, filter);
        Path state = workspace.directory().resolve("state-" + peer.replace(' ', '-'));
        List<String> command = new ArrayList<>(List.of(program, "--root", state.toString()));
        if (peer.equals(CRUN_WITHOUT_CGROUPS)) {
            command.add("--cgroup-manager=disabled");
        }
        command.addAll(List.of("run", "--bundle", bundle.toString(), "dolium-benchmark-@"));
        return command;
    }
}
