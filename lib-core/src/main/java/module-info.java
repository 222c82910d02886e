// SPDX-License-Identifier: Apache-2.0

import org.jspecify.annotations.NullMarked;

/// Containers: say what you want, start it, and have a process.
@NullMarked
module org.dolium.core {
    requires transitive org.dolium.cgroups;
    requires transitive org.dolium.namespaces;
    requires static org.jspecify;

    exports org.dolium.container;
    exports org.dolium.files;
    exports org.dolium.security;
}
