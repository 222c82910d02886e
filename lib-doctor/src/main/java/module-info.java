// SPDX-License-Identifier: Apache-2.0

import org.jspecify.annotations.NullMarked;

/// What this host can do, and what to do about the rest: for those who set up hosts, and for `dolium doctor`.
@NullMarked
module org.dolium.doctor {
    requires transitive org.dolium.core;
    requires static org.jspecify;

    exports org.dolium.doctor;
}
