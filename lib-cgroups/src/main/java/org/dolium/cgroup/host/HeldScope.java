// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.dolium.cgroup.CgroupMount;
import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.cgroup.systemd.NoManagerException;
import org.dolium.cgroup.systemd.Scope;
import org.dolium.cgroup.systemd.ScopeRequest;
import org.dolium.cgroup.systemd.SocketChoice;
import org.dolium.cgroup.systemd.SocketEvidence;
import org.dolium.cgroup.systemd.SystemdException;
import org.dolium.cgroup.systemd.UnitName;
import org.dolium.launch.Holder;
import org.dolium.linux.UnsupportedHostException;
import org.jspecify.annotations.Nullable;

/// A systemd scope that groups of containers are in: those of this JVM, or the one of a container that outlives it. systemd removes a
/// scope with all that is in it as soon as no process is, and what a container's group counted would be gone with it: so a process
/// that does nothing is kept in the scope. It ends soon after the JVM, and then nothing is left, unless another process has
/// taken its place: a detached container's monitor.
final class HeldScope implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /// How long systemd waits after SIGTERM before it kills, when somebody stops the scope: a JVM ends its containers itself.
    private static final Duration STOP_OF_JVM = Duration.ofSeconds(2);
    private static final Duration STOP_OF_CONTAINER = Duration.ofSeconds(10);
    private static final String LEAF = "/holder";

    private final @Nullable Holder holder;
    private final Scope scope;
    private final String path;
    /// Where in it the holder is.
    private final String leaf;

    private HeldScope(@Nullable Holder holder, Scope scope, String path, String leaf) {
        this.holder = holder;
        this.scope = scope;
        this.path = path;
        this.leaf = leaf;
    }

    /// One for all containers of this JVM.
    static HeldScope ofJvm(CgroupMount mount, long uid) throws IOException {
        long jvm = ProcessHandle.current().pid();
        return start(mount, uid, UnitName.scope(jvm + "_" + random()), "Containers of the JVM with pid " + jvm, STOP_OF_JVM, LEAF);
    }

    /// One for a container. It is another at each start: systemd may still be about to forget the one before.
    ///
    /// @param name of the container's group
    /// @param divided whether processes are allowed only in leaves
    static HeldScope ofContainer(CgroupMount mount, long uid, String name, boolean divided) throws IOException {
        UnitName unit = new UnitName(name + "_" + random() + ".scope");
        try {
            return start(mount, uid, unit, "Container " + name, STOP_OF_CONTAINER, divided ? LEAF : "/");
        } catch (NoManagerException | SystemdException | SocketTimeoutException e) {
            throw new UnsupportedHostException("systemd made no scope for " + name + ": " + e.getMessage(), Cgroups.WITHOUT_SCOPE, e);
        }
    }

    /// One that is there already.
    ///
    /// @param cgroup its path in the hierarchy
    static HeldScope found(String path, String cgroup, long uid) throws IOException {
        UnitName unit = new UnitName(cgroup.substring(cgroup.lastIndexOf('/') + 1));
        return new HeldScope(null, Scope.known(SocketChoice.of(SocketEvidence.collect(uid)), unit, cgroup), path, LEAF);
    }

    private static String random() {
        return Long.toHexString(ThreadLocalRandom.current().nextLong() >>> 32);
    }

    private static HeldScope start(CgroupMount mount, long uid, UnitName unit, String description, Duration stop, String leaf)
            throws IOException {
        try {
            Holder holder = Holder.start();
            try {
                ScopeRequest request = new ScopeRequest(unit, description, Optional.empty(), holder.pid(), stop);
                Scope scope = Scope.start(SocketChoice.of(SocketEvidence.collect(uid)), request, PATIENCE);
                String path = mount.locate(scope.cgroup());
                if (path.isEmpty()) {
                    throw new IOException(scope.cgroup() + " can't be seen in " + mount.mountPoint());
                }
                if (leaf.equals(LEAF)) {
                    makeLeaf(path, holder.pid());
                }
                return new HeldScope(holder, scope, path, leaf);
            } catch (IOException | InterruptedException | RuntimeException e) {
                holder.close();
                throw e;
            }
        } catch (InterruptedException e) {
            throw UserManager.interrupted(e);
        }
    }

    /// Processes are allowed only in leaves once controllers are enabled.
    private static void makeLeaf(String path, long pid) throws IOException {
        try (CgroupDirectory directory = CgroupDirectory.open(path);
                CgroupDirectory leaf = directory.make(LEAF.substring(1))) {
            leaf.write("cgroup.procs", Long.toString(pid));
        }
    }

    /// Where its directory is.
    String path() {
        return path;
    }

    /// Its path in the hierarchy.
    String cgroup() {
        return scope.cgroup();
    }

    /// The process that is kept in it.
    long holder() {
        if (holder == null) {
            throw new IllegalStateException("another process keeps " + path);
        }
        return holder.pid();
    }

    /// Has systemd move a process.
    ///
    /// @param directory a directory in the scope
    void attach(long pid, String directory) throws IOException, InterruptedException {
        scope.attach(directory.substring(path.length()), List.of(pid), PATIENCE);
    }

    /// Puts a process beside the holder: from then on the scope lasts as long as that.
    void adopt(long pid) throws IOException, InterruptedException {
        scope.attach(leaf, List.of(pid), PATIENCE);
    }

    /// Ends the scope, unless another process was adopted: its last process goes, and systemd removes it.
    @Override
    public void close() {
        if (holder != null) {
            holder.close();
        }
    }
}
