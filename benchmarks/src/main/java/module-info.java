// SPDX-License-Identifier: Apache-2.0

import org.jspecify.annotations.NullMarked;

/// Benchmarks that anyone can run.
@NullMarked
module org.dolium.benchmarks {
    requires jdk.management;
    requires org.dolium.core;
    requires org.dolium.oci;
    requires static org.jspecify;
}
