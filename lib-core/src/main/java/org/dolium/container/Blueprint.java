// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.host.Host;
import org.dolium.kernel.Fd;
import org.dolium.launch.IdMapWriter;
import org.dolium.launch.LaunchRequest;
import org.dolium.launch.Program;
import org.dolium.sandbox.SandboxPlanner;
import org.dolium.sandbox.SandboxSpec;
import org.jspecify.annotations.Nullable;

/// A checked sandbox and what each of its launches needs of the host.
///
/// @param diskUpper where each launch makes the upper layer of its overlay, or null if there is none on disk
/// @param idMaps how the ids of the new user namespace are mapped, or null without one
record Blueprint(
        SandboxSpec spec, Host host, @Nullable Path diskUpper, @Nullable IdMapWriter idMaps, Program program) {
    private static final int O_RDONLY = 0;

    /// @param cleanup gets what is to be deleted after the container's end
    Prepared prepare(Cleanup cleanup, List<Fd> stdio) throws IOException {
        Program own = program;
        if (diskUpper != null) {
            UpperDirectory upper = UpperDirectory.create(diskUpper);
            cleanup.set(upper);
            own = Program.compile(SandboxPlanner.plan(upper.applyTo(spec), host));
        }
        List<Fd> joined = openJoined();
        return new Prepared(
                new LaunchRequest(
                        own, SandboxPlanner.cloneFlags(spec), stdio, joined, idMaps, host.lastCapability()),
                joined);
    }

    private List<Fd> openJoined() throws IOException {
        List<Fd> joined = new ArrayList<>();
        try {
            for (Path path : spec.namespaces().joined()) {
                joined.add(Fd.open(path.toString(), O_RDONLY, 0).raised());
            }
            return joined;
        } catch (IOException | RuntimeException e) {
            for (Fd fd : joined) {
                fd.close();
            }
            throw e;
        }
    }

    String explain() {
        return SandboxPlanner.describeClone(spec) + program.plan();
    }
}
