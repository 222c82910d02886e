// SPDX-License-Identifier: Apache-2.0
package org.dolium.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dolium.capability.Capability;
import org.dolium.capability.CapabilitySets;
import org.dolium.host.Host;
import org.dolium.kernel.HostProbe;
import org.dolium.mount.Masks;
import org.dolium.oci.seccomp.SeccompJson;
import org.dolium.seccomp.SeccompProfile;
import org.dolium.seccomp.SeccompTarget;

/// Writes an OCI runtime bundle that asks a peer for what Dolium does in the same case: the same namespaces, mounts,
/// masked paths and capabilities, and where asked the same seccomp profile.
final class OciBundle {
    private final Isolation isolation;
    private final Identity caller;
    private final boolean filter;

    private OciBundle(Isolation isolation, Identity caller, boolean filter) {
        this.isolation = isolation;
        this.caller = caller;
        this.filter = filter;
    }

    /// @param caller other than root it becomes user 0 of a user namespace
    static void write(Path directory, Path rootfs, Isolation isolation, Identity caller, boolean filter)
            throws IOException {
        Files.createDirectories(directory);
        String config = new OciBundle(isolation, caller, filter).config(rootfs);
        Files.writeString(directory.resolve("config.json"), config);
    }

    private String config(Path rootfs) {
        return """
                {"ociVersion": "1.0.2",
                 "process": {"terminal": false, "user": {"uid": 0, "gid": 0}, "args": ["/bin/true"],
                   "env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"], "cwd": "/", "noNewPrivileges": true,
                   "capabilities": {"bounding": %2$s, "effective": %2$s, "permitted": %2$s}},
                 "root": {"path": "%1$s", "readonly": false}, "hostname": "dolium",
                 "mounts": [%3$s],
                 "linux": {"namespaces": [%4$s]%5$s%8$s%9$s, "maskedPaths": %6$s, "readonlyPaths": %7$s}}
                """
                .formatted(rootfs, capabilities(), mounts(), namespaces(), idMaps(), masked(), list(masks().readOnly()),
                        resources(), seccomp());
    }

    private String seccomp() {
        Host host = HostProbe.host();
        long bounding = CapabilitySets.standard().bounding();
        return !filter ? "" : ", \"seccomp\": " + SeccompJson.toOci(
                SeccompProfile.standard(),
                new SeccompTarget(host.arch(), bounding, host.kernelMajor(), host.kernelMinor()));
    }

    /// The same limits; a plain user's would be refused.
    private String resources() {
        if (!isolation.limits() || !caller.root()) {
            return "";
        }
        return ", \"resources\": {\"memory\": {\"limit\": %1$d, \"swap\": %1$d}, \"cpu\": {\"quota\": %2$d,"
                        .formatted(Isolation.MEMORY, Isolation.CPUS * 100_000)
                + " \"period\": 100000}, \"pids\": {\"limit\": %d}}".formatted(Isolation.PIDS);
    }

    private static String capabilities() {
        List<String> names = new ArrayList<>();
        for (Capability capability : Capability.values()) {
            if ((CapabilitySets.standard().bounding() & 1L << capability.ordinal()) != 0) {
                names.add(capability.toString());
            }
        }
        return list(names);
    }

    private String mounts() {
        List<String> mounts = new ArrayList<>();
        mounts.add(mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"));
        // sysfs belongs to a network namespace: a plain user can't mount that of the host
        mounts.add(caller.root() || isolation.network()
                ? mount("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro")
                : mount("/sys", "none", "/sys", "rbind", "nosuid", "noexec", "nodev", "ro"));
        mounts.add(mount("/dev", "tmpfs", "tmpfs", "nosuid", "noexec", "mode=755", "size=64k"));
        List<String> devpts =
                new ArrayList<>(List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"));
        if (caller.root()) {
            devpts.add("gid=5");
        }
        mounts.add(mount("/dev/pts", "devpts", "devpts", devpts.toArray(String[]::new)));
        mounts.add(mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k"));
        mounts.add(mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"));
        return String.join(", ", mounts);
    }

    private static String mount(String target, String type, String source, String... options) {
        return "{\"destination\": \"%s\", \"type\": \"%s\", \"source\": \"%s\", \"options\": %s}"
                .formatted(target, type, source, list(List.of(options)));
    }

    private String namespaces() {
        List<String> kinds = new ArrayList<>(List.of("mount", "pid", "uts", "ipc", "cgroup"));
        if (isolation.network()) {
            kinds.add("network");
        }
        if (!caller.root()) {
            kinds.add("user");
        }
        kinds.replaceAll(kind -> "{\"type\": \"" + kind + "\"}");
        return String.join(", ", kinds);
    }

    private String idMaps() {
        String map = ", \"%sMappings\": [{\"containerID\": 0, \"hostID\": %d, \"size\": 1}]";
        return caller.root() ? "" : map.formatted("uid", caller.uid()) + map.formatted("gid", caller.gid());
    }

    private String masked() {
        List<String> paths = new ArrayList<>(masks().files());
        paths.addAll(masks().directories());
        return list(paths);
    }

    private Masks masks() {
        return isolation.masks() ? Masks.standard(List.of()) : Masks.none();
    }

    private static String list(List<String> texts) {
        return texts.isEmpty() ? "[]" : "[\"" + String.join("\", \"", texts) + "\"]";
    }
}
