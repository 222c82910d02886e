// SPDX-License-Identifier: Apache-2.0

import org.jspecify.annotations.NullMarked;

/// OCI images, and seccomp profiles in their format.
@NullMarked
module org.dolium.oci {
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.databind;
    requires java.net.http;
    requires org.apache.commons.compress;
    requires transitive org.dolium.core;
    requires static org.jspecify;

    exports org.dolium.oci;
    exports org.dolium.oci.blob;
    exports org.dolium.oci.change;
    exports org.dolium.oci.image;
    exports org.dolium.oci.layout;
    exports org.dolium.oci.pack;
    exports org.dolium.oci.pull;
    exports org.dolium.oci.registry;
    exports org.dolium.oci.seccomp;
    exports org.dolium.oci.store;
    exports org.dolium.oci.unpack;
}
