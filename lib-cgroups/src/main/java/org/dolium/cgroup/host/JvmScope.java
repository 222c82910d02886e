// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.dolium.cgroup.CgroupMount;
import org.dolium.cgroup.file.CgroupDirectory;
import org.dolium.cgroup.systemd.Scope;
import org.dolium.cgroup.systemd.ScopeRequest;
import org.dolium.cgroup.systemd.SocketChoice;
import org.dolium.cgroup.systemd.SocketEvidence;
import org.dolium.cgroup.systemd.UnitName;
import org.dolium.launch.Holder;

/// The systemd scope that the groups of this JVM's containers are in. systemd removes a scope with all that is in it as
/// soon as no process is, and what a container's group counted would be gone with it: so a process that does nothing is
/// kept in the scope. It dies with the JVM, and then nothing is left.
final class JvmScope implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String HOLDER = "holder";

    private final Holder holder;
    private final Scope scope;
    private final String path;

    private JvmScope(Holder holder, Scope scope, String path) {
        this.holder = holder;
        this.scope = scope;
        this.path = path;
    }

    static JvmScope start(CgroupMount mount, long uid) throws IOException {
        try {
            Holder holder = Holder.start();
            try {
                return around(holder, mount, uid);
            } catch (IOException | InterruptedException | RuntimeException e) {
                holder.close();
                throw e;
            }
        } catch (InterruptedException e) {
            throw UserManager.interrupted(e);
        }
    }

    private static JvmScope around(Holder holder, CgroupMount mount, long uid) throws IOException, InterruptedException {
        long jvm = ProcessHandle.current().pid();
        UnitName unit = UnitName.scope(jvm + "_" + Long.toHexString(ThreadLocalRandom.current().nextLong() >>> 32));
        ScopeRequest request =
                new ScopeRequest(unit, "Containers of the JVM with pid " + jvm, Optional.empty(), holder.pid());
        Scope scope = Scope.start(SocketChoice.of(SocketEvidence.collect(uid)), request, PATIENCE);
        String path = mount.locate(scope.cgroup());
        if (path.isEmpty()) {
            throw new IOException(scope.cgroup() + " can't be seen in " + mount.mountPoint());
        }
        makeLeaf(path, holder.pid());
        return new JvmScope(holder, scope, path);
    }

    /// Processes are allowed only in leaves once controllers are enabled.
    private static void makeLeaf(String path, long pid) throws IOException {
        try (CgroupDirectory directory = CgroupDirectory.open(path);
                CgroupDirectory leaf = directory.make(HOLDER)) {
            leaf.write("cgroup.procs", Long.toString(pid));
        }
    }

    /// Where its directory is.
    String path() {
        return path;
    }

    /// Has systemd move a process.
    ///
    /// @param directory a directory in the scope
    void attach(long pid, String directory) throws IOException, InterruptedException {
        scope.attach(directory.substring(path.length()), List.of(pid), PATIENCE);
    }

    /// Ends the scope: its last process goes, and systemd removes it.
    @Override
    public void close() {
        holder.close();
    }
}
