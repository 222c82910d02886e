// SPDX-License-Identifier: Apache-2.0

import org.jspecify.annotations.NullMarked;

/// Limits and accounting by control groups.
@NullMarked
module org.dolium.cgroups {
    requires transitive org.dolium.namespaces;
    requires static org.jspecify;

    exports org.dolium.cgroup;
    exports org.dolium.cgroup.host to
            org.dolium.core,
            org.dolium.doctor,
            org.dolium.benchmarks;
    exports org.dolium.cgroup.device to
            org.dolium.core;
    exports org.dolium.cgroup.file to
            org.dolium.core,
            org.dolium.benchmarks;
}
