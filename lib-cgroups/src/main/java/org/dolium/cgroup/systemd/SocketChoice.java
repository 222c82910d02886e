// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.systemd;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which sockets to try, in order. Root asks the system's manager, everybody else their own. A manager's own socket comes
/// before the bus, because it is there without a bus daemon.
///
/// @param sockets those that may be trusted
/// @param refused why others that exist may not
/// @param advice what to do if none of them answers
public record SocketChoice(List<ManagerSocket> sockets, List<String> refused, String advice) {
    public SocketChoice {
        sockets = List.copyOf(sockets);
        refused = List.copyOf(refused);
    }

    /// A socket, and the directory that must be this user's own for it, or null.
    private record Candidate(String path, boolean daemon, @Nullable String runtimeDirectory) {
        String parent() {
            return path.substring(0, Math.max(1, path.lastIndexOf('/')));
        }
    }

    /// Pure: the same evidence gives the same choice.
    public static SocketChoice of(SocketEvidence evidence) {
        List<ManagerSocket> sockets = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        for (Candidate candidate : candidates(evidence)) {
            if (evidence.paths().containsKey(candidate.path)) {
                String objection = objection(candidate, evidence);
                if (objection == null) {
                    ManagerSocket socket = new ManagerSocket(Path.of(candidate.path), candidate.daemon);
                    if (!sockets.contains(socket)) {
                        sockets.add(socket);
                    }
                } else if (!refused.contains(objection)) {
                    refused.add(objection);
                }
            }
        }
        return new SocketChoice(sockets, refused, advice(evidence));
    }

    private static String advice(SocketEvidence evidence) {
        if (evidence.outerUid() == 0) {
            return "systemd's system manager does not answer: is it this machine's init?";
        }
        String user = evidence.outerUid() < 0 ? "NAME" : "" + evidence.outerUid();
        return "no systemd user manager for uid " + user + ": run 'sudo loginctl enable-linger " + user
                + "', or run the service with User= and Delegate=yes";
    }

    /// The paths of which the evidence must tell.
    static List<String> pathsToLookAt(SocketEvidence evidence) {
        List<String> paths = new ArrayList<>();
        for (Candidate candidate : candidates(evidence)) {
            paths.add(candidate.path);
            paths.add(candidate.parent());
            if (candidate.runtimeDirectory != null) {
                paths.add(candidate.runtimeDirectory);
            }
        }
        return paths;
    }

    private static List<Candidate> candidates(SocketEvidence evidence) {
        List<Candidate> candidates = new ArrayList<>();
        if (evidence.outerUid() == 0) {
            candidates.add(new Candidate("/run/systemd/private", false, null));
            candidates.add(new Candidate("/run/dbus/system_bus_socket", true, null));
            return candidates;
        }
        String given = evidence.runtimeDirectory();
        boolean usable = given.length() > 1 && given.startsWith("/") && !given.endsWith("/");
        if (usable) {
            candidates.add(new Candidate(given + "/systemd/private", false, given));
        }
        for (String path : BusAddress.unixPaths(evidence.sessionBus())) {
            candidates.add(new Candidate(path, true, null));
        }
        if (usable) {
            candidates.add(new Candidate(given + "/bus", true, given));
        }
        if (evidence.outerUid() > 0) {
            String usual = "/run/user/" + evidence.outerUid();
            candidates.add(new Candidate(usual + "/systemd/private", false, usual));
            candidates.add(new Candidate(usual + "/bus", true, usual));
        }
        return candidates;
    }

    /// Why a socket that exists may not be used, or null.
    private static @Nullable String objection(Candidate candidate, SocketEvidence evidence) {
        if (evidence.foreignPids()) {
            return "the JVM's process numbers are not those of the systemd manager at " + candidate.path;
        }
        String directory = candidate.runtimeDirectory;
        if (directory != null && !ownDirectory(evidence.paths().get(directory), evidence, false)) {
            return directory + " does not belong to uid " + evidence.uid() + " alone";
        }
        if (!ownDirectory(evidence.paths().get(candidate.parent()), evidence, true)) {
            return candidate.parent() + " can be changed by others than uid " + evidence.uid();
        }
        PathFacts socket = evidence.paths().get(candidate.path);
        if (socket == null || !socket.socket() || socket.uid() != evidence.uid()) {
            return candidate.path + " is no socket of uid " + evidence.uid();
        }
        return null;
    }

    /// @param orRoots whether root's will do too; root of the machine has no uid in a user namespace
    private static boolean ownDirectory(@Nullable PathFacts directory, SocketEvidence evidence, boolean orRoots) {
        return directory != null
                && directory.safeDirectory()
                && (directory.uid() == evidence.uid()
                        || orRoots && directory.uid() == 0 && evidence.uid() == evidence.outerUid());
    }
}
