// SPDX-License-Identifier: Apache-2.0

import org.jspecify.annotations.NullMarked;

/// One runnable program for each use of Dolium, and the `dolium` command line.
@NullMarked
module org.dolium.examples {
    requires com.github.luben.zstd_jni; // what reads layers in zstd looks for it
    requires info.picocli;
    requires jdk.unsupported; // signals to the JVM
    requires org.dolium.core;
    requires org.dolium.doctor;
    requires org.dolium.oci;
    requires static org.jspecify;

    opens org.dolium.examples.cli to
            info.picocli;
}
