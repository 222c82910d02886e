// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.util.List;
import org.dolium.container.ContainerBuilder;

/// `--security-opt label=…` in Docker's words: a part of the SELinux context at a time; or a whole one.
final class LabelText {
    private static final List<String> PARTS = List.of("user", "role", "type", "level");

    private final String[] context = {"system_u", "system_r", "container_t", "s0"};
    private boolean given;

    /// Takes `user:U`, `role:R`, `type:T`, `level:L`, `disable` or a whole context.
    void add(String text) {
        int colon = text.indexOf(':');
        int part = PARTS.indexOf(text.substring(0, Math.max(colon, 0)));
        if (text.equals("disable")) {
            given = false;
            return;
        }
        given = true;
        if (part >= 0) {
            context[part] = text.substring(colon + 1);
            return;
        }
        String[] whole = text.split(":", 4);
        if (whole.length < 3) {
            throw new IllegalArgumentException("--security-opt 'label=" + text
                    + "' is unknown; there is user:U, role:R, type:T, level:L, a whole context and disable");
        }
        System.arraycopy(whole, 0, context, 0, whole.length);
    }

    void apply(ContainerBuilder builder) {
        if (given) {
            builder.seLinux(String.join(":", context));
        }
    }
}
