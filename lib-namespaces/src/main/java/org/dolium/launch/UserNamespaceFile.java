// SPDX-License-Identifier: Apache-2.0
package org.dolium.launch;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.dolium.kernel.Fd;
import org.dolium.linux.Arg;
import org.dolium.linux.Sys;
import org.dolium.linux.Syscall;
import org.dolium.namespace.IdMaps;
import org.dolium.namespace.NamespaceKind;
import org.dolium.plan.PlanBuilder;
import org.jspecify.annotations.Nullable;

/// A user namespace that exists only to carry id maps, as an id-mapped mount wants it: made by a child that waits until
/// the maps are written and the namespace is opened, and then ends.
final class UserNamespaceFile implements IdMapWriter {
    private final DirectIdMaps maps;
    private @Nullable Fd opened;

    private UserNamespaceFile(DirectIdMaps maps) {
        this.maps = maps;
    }

    private static org.dolium.plan.LaunchPlan waiting() {
        PlanBuilder plan = new PlanBuilder();
        Arg.Num status = Arg.num(LaunchRequest.STATUS_FD);
        plan.addExact(Syscall.of(Sys.READ, status, new Arg.Buffer(8, new byte[0], "[go]"), Arg.num(1)), 1);
        plan.add(Sys.EXIT_GROUP, Arg.num(0));
        return plan.build(LaunchRequest.STATUS_FD);
    }

    /// Makes a user namespace with these maps. Needs the right to map any id.
    static Fd create(IdMaps uids, IdMaps gids, int lastCapability) throws IOException, InterruptedException {
        UserNamespaceFile file = new UserNamespaceFile(new DirectIdMaps(uids, gids, false));
        try (Fd nothing = Fd.open("/dev/null", 2, 0);
                Program wait = Program.compile(waiting())) {
            List<Fd> stdio = List.of(nothing, nothing, nothing);
            LaunchedProcess holder = Launcher.launch(new LaunchRequest(
                    wait, NamespaceKind.USER.cloneFlag(), stdio, new ArrayList<>(), file, lastCapability));
            holder.awaitEnd();
            Fd opened = file.opened;
            if (opened == null) {
                throw new IllegalStateException("a launch with id maps did not write them");
            }
            return opened;
        } catch (IOException | InterruptedException | RuntimeException e) {
            if (file.opened != null) {
                file.opened.close();
            }
            throw e;
        }
    }

    @Override
    public void write(long pid) throws IOException {
        maps.write(pid);
        opened = Fd.open("/proc/" + pid + "/ns/user", 0, 0);
    }
}
