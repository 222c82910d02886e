// SPDX-License-Identifier: Apache-2.0

import org.jspecify.annotations.NullMarked;

/// One child process, set up exactly: system calls, plans, namespaces, mounts, capabilities, launch. The only module with
/// native access.
@NullMarked
module org.dolium.namespaces {
    requires static org.jspecify;

    exports org.dolium.capability;
    exports org.dolium.confinement;
    exports org.dolium.linux;
    exports org.dolium.namespace;
    exports org.dolium.process;
    exports org.dolium.seccomp;
    exports org.dolium.kernel to
            org.dolium.cgroups,
            org.dolium.core,
            org.dolium.doctor,
            org.dolium.oci,
            org.dolium.benchmarks;
    exports org.dolium.launch to
            org.dolium.cgroups,
            org.dolium.core,
            org.dolium.doctor,
            org.dolium.benchmarks;
    exports org.dolium.host to
            org.dolium.cgroups,
            org.dolium.core,
            org.dolium.doctor,
            org.dolium.benchmarks;
    exports org.dolium.mount to
            org.dolium.cgroups,
            org.dolium.core,
            org.dolium.doctor,
            org.dolium.benchmarks;
    exports org.dolium.plan to
            org.dolium.cgroups,
            org.dolium.core,
            org.dolium.doctor,
            org.dolium.benchmarks;
    exports org.dolium.remedy to
            org.dolium.cgroups,
            org.dolium.core,
            org.dolium.doctor;
    exports org.dolium.supervisor to
            org.dolium.core;
    exports org.dolium.sandbox to
            org.dolium.core,
            org.dolium.benchmarks;
}
