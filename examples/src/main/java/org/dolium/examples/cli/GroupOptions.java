// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.util.List;
import org.dolium.cgroup.CgroupPlacement;
import org.dolium.cgroup.Limit;
import org.dolium.cgroup.Requirement;
import org.dolium.container.ContainerBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options about a container's cgroup.
final class GroupOptions {
    @Option(
            names = "--limits",
            paramLabel = "MODE",
            description = "required (default): fail if a limit can't be in force; preferred: start without it")
    private String limits = "required";

    @Option(
            names = "--cgroup",
            paramLabel = "MODE",
            description = "auto (default), own: below this process's own cgroup, or none: no limits")
    private String cgroup = "auto";

    @Option(names = "--cgroup-parent", paramLabel = "PATH", description = "Cgroup to make the container's in, e.g. /jobs")
    private @Nullable String cgroupParent;

    @Option(names = "--name", paramLabel = "NAME", description = "Name of the container (default with -d: a random one); without -d that of its cgroup")
    private @Nullable String name;

    @Nullable String name() {
        return name;
    }

    void apply(ContainerBuilder builder, List<Limit> limits) {
        Requirement requirement = requirement();
        for (Limit limit : limits) {
            builder.limit(limit, requirement);
        }
        builder.cgroup(placement());
        if (name != null) {
            builder.name(name);
        }
    }

    private Requirement requirement() {
        return switch (limits) {
            case "required" -> Requirement.REQUIRED;
            case "preferred" -> Requirement.PREFERRED;
            default -> throw new IllegalArgumentException(
                    "--limits '" + limits + "' is unknown; there is required or preferred");
        };
    }

    private CgroupPlacement placement() {
        if (cgroupParent != null) {
            if (!cgroup.equals("auto")) {
                throw new IllegalArgumentException("--cgroup-parent can't be used with --cgroup " + cgroup);
            }
            return CgroupPlacement.below(cgroupParent);
        }
        return switch (cgroup) {
            case "auto" -> CgroupPlacement.automatic();
            case "own" -> CgroupPlacement.ownGroup();
            case "none" -> CgroupPlacement.none();
            default -> throw new IllegalArgumentException(
                    "--cgroup '" + cgroup + "' is unknown; there is auto, own or none");
        };
    }
}
