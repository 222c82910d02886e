// SPDX-License-Identifier: Apache-2.0
package org.dolium.container;

import java.util.List;
import org.dolium.namespace.IdMaps;
import org.dolium.testing.ProcessStatus;

/// The ways in which the security rows are tried: by root, by root in a user namespace, and by a plain user.
enum Mode {
    R, RU, U1;

    private static final IdMaps RANGE = IdMaps.parse("0:100000:65536");

    /// Those that this JVM's user can try.
    static List<Mode> here() {
        return ProcessStatus.self().effectiveUid() == 0 ? List.of(R, RU) : List.of(U1);
    }

    ContainerBuilder apply(ContainerBuilder builder) {
        return this == RU ? builder.userNamespace(UserNamespace.mapped(RANGE, RANGE)) : builder;
    }
}
