// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.dolium.examples.cli.ContainerView.State;
import org.jspecify.annotations.Nullable;

/// Containers as lists and events get them, without any being there.
final class Views {
    static final Instant NOW = Instant.parse("2026-11-22T12:00:00.123456789Z");
    static final String ID = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private Views() {}

    static ContainerView running(String name) {
        return view(name, State.RUNNING, NOW.minusSeconds(180), null, 0);
    }

    static ContainerView paused(String name) {
        return view(name, State.PAUSED, NOW.minusSeconds(7200), null, 0);
    }

    static ContainerView exited(String name, int status) {
        return view(name, State.EXITED, NOW.minusSeconds(180), NOW.minusSeconds(5), status);
    }

    static ContainerView created(String name) {
        return view(name, State.CREATED, null, null, 0);
    }

    static ContainerView view(String name, State state, @Nullable Instant started, @Nullable Instant finished, int status) {
        String id = Integer.toHexString(name.hashCode() | 0x10000000) + ID.substring(8);
        return new ContainerView(id, name, "debian:13", "sha256:" + ID, List.of("sleep", "100000000000000"), Map.of("tier", "web", "a.b-c", "d"),
                NOW.minusSeconds(181), started, finished, state, status, status == 137, finished == null && started != null ? 4711 : 0);
    }
}
