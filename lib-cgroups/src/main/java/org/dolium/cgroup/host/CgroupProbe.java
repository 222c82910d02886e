// SPDX-License-Identifier: Apache-2.0
package org.dolium.cgroup.host;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import org.dolium.cgroup.CgroupMount;
import org.dolium.cgroup.Controller;
import org.dolium.host.Host;

/// Looks at this machine's cgroups.
final class CgroupProbe {
    private CgroupProbe() {}

    static CgroupSituation probe(Host host) throws IOException {
        List<CgroupMount> mounts = CgroupMount.parse(Files.readString(Path.of("/proc/self/mountinfo")));
        String memberships = Files.readString(Path.of("/proc/self/cgroup"));
        CgroupMount unified = null;
        for (CgroupMount mount : mounts) {
            unified = unified == null && mount.unified() ? mount : unified;
        }
        String own = unified == null ? "" : unified.locate(CgroupSituation.unifiedPath(memberships));
        String parent = unified == null || own.isEmpty() || own.equals(unified.mountPoint())
                ? ""
                : own.substring(0, own.lastIndexOf('/'));
        boolean systemd = new File("/run/systemd/system").isDirectory();
        return new CgroupSituation(
                mounts, memberships, host.uid(), host.privileged(), systemd, false, directory(own), directory(parent),
                legacyWritable(mounts, memberships));
    }

    private static CgroupSituation.Directory directory(String path) throws IOException {
        if (path.isEmpty() || !Files.isDirectory(Path.of(path))) {
            return CgroupSituation.Directory.UNSEEN;
        }
        boolean writable = writable(path) && writable(path + "/cgroup.procs") && writable(path + "/cgroup.subtree_control");
        boolean root = !new File(path, "cgroup.type").exists();
        return new CgroupSituation.Directory(
                path, Files.readString(Path.of(path, "cgroup.controllers")).trim(), writable, delegated(path), root);
    }

    private static boolean writable(String path) {
        return new File(path).canWrite();
    }

    /// systemd's system manager marks what it delegates with the attribute `user.delegate`.
    private static boolean delegated(String path) {
        try {
            UserDefinedFileAttributeView view =
                    Files.getFileAttributeView(Path.of(path), UserDefinedFileAttributeView.class);
            ByteBuffer value = ByteBuffer.allocate(16);
            return view != null && view.read("delegate", value) == 1
                    && new String(value.array(), 0, 1, StandardCharsets.US_ASCII).equals("1");
        } catch (IOException | UnsupportedOperationException e) {
            return false; // no such attribute
        }
    }

    private static List<Controller> legacyWritable(List<CgroupMount> mounts, String memberships) {
        List<Controller> writable = new ArrayList<>();
        for (CgroupMount mount : mounts) {
            for (Controller controller : Controller.values()) {
                if (mount.has(controller) && !mount.readOnly()) {
                    String path = mount.locate(CgroupSituation.legacyPath(memberships, controller));
                    if (!path.isEmpty() && writable(path) && writable(path + "/cgroup.procs")) {
                        writable.add(controller);
                    }
                }
            }
        }
        return writable;
    }
}
