// SPDX-License-Identifier: Apache-2.0

import org.jspecify.annotations.NullMarked;

/// OCI images.
@NullMarked
module org.dolium.oci {
    requires transitive org.dolium.core;
    requires static org.jspecify;

    exports org.dolium.oci.image;
}
