// SPDX-License-Identifier: Apache-2.0
package org.dolium.examples.cli;

import java.util.List;
import org.dolium.confinement.Landlock;
import org.dolium.container.ContainerBuilder;

/// The words of `--landlock`.
final class LandlockText {
    private LandlockText() {}

    static void apply(List<String> rules, ContainerBuilder builder) {
        Landlock all = Landlock.create();
        for (String rule : rules) {
            String[] pair = OptionText.pair("--landlock", rule, "ro=PATH:…, rw=PATH:…, exec=PATH:…, bind=PORT,… or connect=PORT,…");
            all = add(all, pair[0], pair[1]);
        }
        if (!rules.isEmpty()) {
            builder.landlock(all);
        }
    }

    private static Landlock add(Landlock rules, String kind, String value) {
        return switch (kind) {
            case "ro" -> rules.readOnly(value.split(":", -1));
            case "rw" -> rules.readWrite(value.split(":", -1));
            case "exec" -> rules.execute(value.split(":", -1));
            case "bind" -> rules.bindTcp(ports(value));
            case "connect" -> rules.connectTcp(ports(value));
            default -> throw new IllegalArgumentException(
                    "--landlock '" + kind + "' is unknown; there is ro, rw, exec, bind and connect");
        };
    }

    /// None where the text is empty.
    private static int[] ports(String text) {
        String[] words = text.isEmpty() ? new String[0] : text.split(",", -1);
        int[] ports = new int[words.length];
        for (int i = 0; i < words.length; i++) {
            if (!words[i].matches("[0-9]{1,5}")) {
                throw new IllegalArgumentException("--landlock: '" + words[i] + "' is no port");
            }
            ports[i] = Integer.parseInt(words[i]);
        }
        return ports;
    }
}
